/** The project files of the open folders: when they are read, and who hears of what is wrong with them. */
import { projectFileName } from '../config/project-file.ts';
import { createProjects, type ProjectIssue, type Projects } from '../config/projects.ts';
import type { WorkspaceRootStore } from '../documents/workspace-roots.ts';
import type { DocumentFeed } from '../domain/text.ts';
import { localFiles } from '../util/local-files.ts';

export interface AppProjects extends Pick<Projects, 'exclusions' | 'narrowing'> {
  /** Reads them again; done by itself where the roots change and where one is opened or saved. */
  read(): void;
  /** Called with what is wrong, each once; with what was found before, at once. */
  onIssue(listener: (issue: ProjectIssue) => void): void;
  /** The only root, where there is one alone. */
  soleRoot(): string | undefined;
}

/** `onChange`: called when any of them says something else than before. */
export function createAppProjects(
  roots: WorkspaceRootStore,
  documents: DocumentFeed,
  onChange: () => void,
): AppProjects {
  const projects = createProjects(localFiles);
  const untold: ProjectIssue[] = [];
  let tell: (issue: ProjectIssue) => void = (issue) => void untold.push(issue);

  function read(): void {
    const { changed, issues } = projects.read(roots.roots);
    if (changed) onChange();
    for (const issue of issues) tell(issue);
  }

  function readIfProject(uri: string): void {
    if (uri.endsWith(`/${projectFileName}`)) read();
  }

  roots.onChange(read);
  documents.observe({
    didOpen: ({ uri }) => readIfProject(uri),
    didChange: () => undefined,
    didClose: () => undefined,
    didSave: readIfProject,
  });

  return {
    exclusions: projects.exclusions,
    narrowing: projects.narrowing,
    read,
    onIssue(listener) {
      tell = listener;
      for (const issue of untold.splice(0)) listener(issue);
    },
    soleRoot: () => (roots.roots.length === 1 ? roots.roots[0] : undefined),
  };
}
