/** `inkling config`: what the settings file says, where it is, and what is wrong with it. */
import { readFileSync } from 'node:fs';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { describeIssue, type SettingsIssue } from '../config/issue.ts';
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
}

const actions: Readonly<Record<string, (input: ParsedArguments, surroundings: Surroundings) => Promise<number>>> = {
  show: async (input, surroundings) => {
    const { showSettingsJson, showSettingsText } = await import('../config/show.ts');
    const { file, store } = await load(input, surroundings);
    const effective = store.effective();
    surroundings.terminal.print(
      input.has('json') ? printableJson(showSettingsJson(effective)) : clean(showSettingsText(effective)),
    );
    return complain(file, store, surroundings);
  },
  validate: async (input, surroundings) => {
    const { file, store } = await load(input, surroundings);
    const code = complain(file, store, surroundings);
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
  return { file, store };
}

function complain(file: UserFile, store: SettingsStore, { terminal }: Surroundings): number {
  for (const warning of file.warnings) terminal.complain(`${clean(warning)}\n`);
  const issues = store.issues();
  const text = issues.length === 0 ? '' : readAgain(file.path);
  for (const issue of issues) {
    terminal.complain(`${file.path}${placeOf(issue, text, store)}: ${clean(describeIssue(issue))}\n`);
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

/** `:line:column` of what the issue names, or of the nearest thing around it; empty where that is unknown. */
function placeOf({ path, layer, got }: SettingsIssue, text: string, store: SettingsStore): string {
  const syntax = /\bat (\d+):(\d+)/.exec(got);
  if (path === '') return syntax === null ? '' : `:${syntax[1]}:${syntax[2]}`;
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (tree === undefined) return '';
  const profile = store.settings().profile;
  const inProfile = layer === 'profile' && profile !== null ? [['profiles', profile, ...path.split('.')]] : [];
  for (const segments of [...inProfile, path.split('.')]) {
    for (let length = segments.length; length > 0; length -= 1) {
      const node = findNodeAtLocation(tree, segments.slice(0, length));
      if (node !== undefined)
        return lineAndColumn(text, node.parent?.type === 'property' ? node.parent.offset : node.offset);
    }
  }
  return '';
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
