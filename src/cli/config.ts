/** `inkling config`: what the settings file says, where it is, and what is wrong with it. */
import { readFileSync } from 'node:fs';
import { describeIssue, type SettingsIssue } from '../config/issue.ts';
import type { LayerState } from '../config/last-good.ts';
import { locateIssue } from '../config/locate-issue.ts';
import { narrow } from '../config/narrow.ts';
import { chooseProfile } from '../config/profile.ts';
import { projectFilePath, readProjectFile } from '../config/project-file.ts';
import { createSettingsStore, type SettingsStore } from '../config/store.ts';
import { applyUserFile, readUserFile, type UserFile, userFilePath } from '../config/user-file.ts';
import { nodeUserFileSystem } from '../config/user-file-system.ts';
import { usualAuditFile } from '../config/user-folders.ts';
import { localFiles } from '../util/local-files.ts';
import { nearestName } from '../util/nearest-name.ts';
import { type ParsedArguments, UsageError } from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';
import { clean, printableJson } from './terminal.ts';
import { rootOf } from './workspace-file.ts';

interface Loaded {
  readonly file: UserFile;
  readonly store: SettingsStore;
  /** Chosen by a flag or the environment. */
  readonly profile: string | undefined;
  /** Of the folder's repository; `undefined` where there is none. */
  readonly project: ProjectState | undefined;
}

interface ProjectState extends LayerState {
  readonly path: string;
}

const actions: Readonly<Record<string, (input: ParsedArguments, surroundings: Surroundings) => Promise<number>>> = {
  show: async (input, surroundings) => {
    const { showSettingsJson, showSettingsText } = await import('../config/show.ts');
    const loaded = await load(input, surroundings);
    const { store, project } = loaded;
    const effective = project === undefined ? store.effective() : narrow(store.effective(), project.said);
    surroundings.terminal.print(
      input.has('json') ? printableJson(showSettingsJson(effective)) : clean(showSettingsText(effective)),
    );
    return complain(loaded, surroundings);
  },
  validate: async (input, surroundings) => {
    const loaded = await load(input, surroundings);
    const { file } = loaded;
    const code = complain(loaded, surroundings);
    if (code !== exitCode.done) return code;
    const state = file.state === 'absent' ? 'there is no such file; the defaults hold' : 'no mistakes';
    surroundings.terminal.print(`${file.path}: ${state}\n`);
    return code;
  },
  path: async (input, { terminal, place }) => {
    terminal.print(`${userFilePath({ ...place, flag: input.text('config') })}\n`);
    return exitCode.done;
  },
  audit: async (input, surroundings) => {
    const { verifyAuditFile } = await import('../observability/audit-file.ts');
    const { store } = await load(input, surroundings);
    const { enabled, file } = store.settings().audit;
    const path = file ?? usualAuditFile(surroundings.place);
    const { lines, broken } = await verifyAuditFile(path).catch((error: unknown) => {
      throw new CommandFailure(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    });
    surroundings.terminal.print(
      `${clean(path)}: ${lines} lines${broken === undefined ? ', each follows from the one before' : ''}${enabled ? '' : '; switched off ("audit.enabled")'}\n`,
    );
    if (broken === undefined) return exitCode.done;
    surroundings.terminal.complain(`${clean(broken)}\n`);
    return exitCode.failed;
  },
  schema: async (_input, { terminal }) => {
    const { configJsonSchema } = await import('../config/generate.ts');
    terminal.print(printableJson(configJsonSchema()));
    return exitCode.done;
  },
};

const names = Object.keys(actions);

export const config: Command = {
  usage: `${names.join('|')} [--json]`,
  help:
    'show: every setting in force here with the layer it comes from, keys masked. validate: every mistake in the settings' +
    " file and the project's, with its line and column; exit code 2 where there is one. path: where the settings file is." +
    ' audit: where changes are written down, and whether a line there was changed or removed; exit code 1 where one was.' +
    ' schema: the JSON Schema of the settings.',
  options: { json: { type: 'boolean', help: 'with show: as JSON' } },
  arguments: { least: 1, most: 1 },
  async run(input, surroundings) {
    const [name = ''] = input.positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action !== undefined) return action(input, surroundings);
    const near = nearestName(name, names);
    throw new UsageError(`There is no "config ${name}".${near === undefined ? '' : ` Did you mean "config ${near}"?`}`);
  },
};

async function load(input: ParsedArguments, { place, signal }: Surroundings): Promise<Loaded> {
  const profile = chooseProfile(input.text('profile'), place.environment['INKLING_PROFILE']);
  const store = createSettingsStore({ profile });
  const file = await readUserFile({ ...place, flag: input.text('config') }, nodeUserFileSystem, signal);
  applyUserFile(store, file);
  const root = rootOf(place.workingDirectory);
  const project = readProjectFile(root, localFiles, undefined);
  return { file, store, profile, project: project && { ...project, path: projectFilePath(root) } };
}

function complain({ file, store, profile, project }: Loaded, { terminal }: Surroundings): number {
  for (const warning of file.warnings) terminal.complain(`${clean(warning)}\n`);
  const ownIssues = store.issues();
  const projectIssues = project?.issues ?? [];
  const lines = [
    ...placed(ownIssues, file.path, profile ?? store.settings().profile ?? undefined),
    ...placed(projectIssues, project?.path ?? '', undefined),
  ];
  for (const line of lines) terminal.complain(`${clean(line)}\n`);
  return lines.length === 0 ? exitCode.done : exitCode.wrongUsage;
}

/** One line for each, as compilers say it, in the order of the file. */
function placed(issues: readonly SettingsIssue[], path: string, profile: string | undefined): string[] {
  const text = issues.length === 0 ? '' : readAgain(path);
  return issues
    .map((issue) => ({ issue, place: locateIssue(issue, text, profile) }))
    .sort((one, other) => (one.place?.line ?? 0) - (other.place?.line ?? 0))
    .map(({ issue, place }) => {
      const where = place === undefined ? '' : `:${place.line}:${place.column}`;
      return `${path}${where}: ${describeIssue(issue)}`;
    });
}

function readAgain(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
