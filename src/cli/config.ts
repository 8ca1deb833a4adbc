/** `inkling config`: what the settings file says, where it is, and what is wrong with it. */
import { readFileSync } from 'node:fs';
import { describeIssue } from '../config/issue.ts';
import { locateIssue } from '../config/locate-issue.ts';
import { chooseProfile } from '../config/profile.ts';
import { createSettingsStore, type SettingsStore } from '../config/store.ts';
import { applyUserFile, readUserFile, type UserFile, userFilePath } from '../config/user-file.ts';
import { nodeUserFileSystem } from '../config/user-file-system.ts';
import { nearestName } from '../util/nearest-name.ts';
import { type ParsedArguments, UsageError } from './arguments.ts';
import { type Command, exitCode, type Surroundings } from './command.ts';
import { clean, printableJson } from './terminal.ts';

interface Loaded {
  readonly file: UserFile;
  readonly store: SettingsStore;
  /** Chosen by a flag or the environment. */
  readonly profile: string | undefined;
}

const actions: Readonly<Record<string, (input: ParsedArguments, surroundings: Surroundings) => Promise<number>>> = {
  show: async (input, surroundings) => {
    const { showSettingsJson, showSettingsText } = await import('../config/show.ts');
    const loaded = await load(input, surroundings);
    const effective = loaded.store.effective();
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
    'show: every setting in force with the layer it comes from, keys masked. validate: every mistake in the settings' +
    ' file with its line and column; exit code 2 where there is one. path: where that file is. schema: its JSON Schema.',
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
  return { file, store, profile };
}

function complain({ file, store, profile }: Loaded, { terminal }: Surroundings): number {
  for (const warning of file.warnings) terminal.complain(`${clean(warning)}\n`);
  const issues = store.issues();
  const text = issues.length === 0 ? '' : readAgain(file.path);
  const placed = issues.map((issue) => ({
    issue,
    place: locateIssue(issue, text, profile ?? store.settings().profile ?? undefined),
  }));
  placed.sort((one, other) => (one.place?.line ?? 0) - (other.place?.line ?? 0));
  for (const { issue, place } of placed) {
    const where = place === undefined ? '' : `:${place.line}:${place.column}`;
    terminal.complain(`${file.path}${where}: ${clean(describeIssue(issue))}\n`);
  }
  return issues.length === 0 ? exitCode.done : exitCode.wrongUsage;
}

function readAgain(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
