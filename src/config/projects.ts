/** The project files of the open workspace roots: what each says, and the settings as it narrows them below its root. */
import type { LocalFiles } from '../util/local-files.ts';
import { toSettings } from './effective.ts';
import { issueKey, type SettingsIssue } from './issue.ts';
import type { LayerState } from './last-good.ts';
import type { EffectiveSettings } from './merge.ts';
import { narrow } from './narrow.ts';
import { projectFilePath, readProjectFile } from './project-file.ts';
import type { Said } from './read-layer.ts';
import type { Settings } from './schema.ts';

export interface ProjectIssue extends SettingsIssue {
  /** Absolute path of the project file. */
  readonly file: string;
}

export interface ProjectsChange {
  /** Whether any file says something else than before. */
  readonly changed: boolean;
  /** What is wrong and was not reported before: show these to the user, once. */
  readonly issues: readonly ProjectIssue[];
}

export interface Projects {
  /** Reads the files of these roots, and forgets all others. Never throws. */
  read(roots: readonly string[]): ProjectsChange;
  /** The patterns that exclude files below the root, which are relative to it. */
  exclusions(root: string): readonly string[];
  /**
   * The settings below each root as its project, as it is now, narrows them; `undefined` where no project says anything.
   * `privacy.exclude` is as it was: whose file is excluded is decided where the file lies, not where somebody asks.
   */
  narrowing(effective: EffectiveSettings): (root: string) => Settings | undefined;
}

interface Project extends LayerState {
  readonly reported: ReadonlySet<string>;
}

export function createProjects(files: LocalFiles): Projects {
  let projects: ReadonlyMap<string, Project> = new Map();

  function readAll(roots: readonly string[]): Map<string, Project> {
    return new Map(
      roots.flatMap((root) => {
        const state = readProjectFile(root, files, projects.get(root)?.said);
        return state === undefined ? [] : [[root, { ...state, reported: new Set(state.issues.map(issueKey)) }]];
      }),
    );
  }

  return {
    read(roots) {
      const before = projects;
      projects = readAll(roots);
      const issues = [...projects].flatMap(([root, project]) =>
        project.issues
          .filter((issue) => before.get(root)?.reported.has(issueKey(issue)) !== true)
          .map((issue) => ({ ...issue, file: projectFilePath(root) })),
      );
      return { changed: spoken(before) !== spoken(projects), issues };
    },
    exclusions: (root) => (projects.get(root)?.said.get('privacy.exclude')?.value ?? []) as readonly string[],
    narrowing(effective) {
      const now = projects;
      const known = new Map<string, Settings | undefined>();
      return (root) => {
        if (!known.has(root)) known.set(root, narrowed(effective, now.get(root)?.said));
        return known.get(root);
      };
    },
  };
}

function narrowed(effective: EffectiveSettings, said: ReadonlyMap<string, Said> = new Map()): Settings | undefined {
  const here = new Map([...said].filter(([path]) => path !== 'privacy.exclude'));
  return here.size === 0 ? undefined : toSettings(narrow(effective, here));
}

/** Everything that all of them say, to see whether it is the same. */
function spoken(projects: ReadonlyMap<string, Project>): string {
  return JSON.stringify(
    [...projects].map(([root, { said }]) => [root, [...said].map(([path, { value }]) => [path, value])]),
  );
}
