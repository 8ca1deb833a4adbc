/** `inkling init`: a working set-up of an editor, taken from the manual that comes with that editor's client. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../util/package-paths.ts';
import { UsageError } from './arguments.ts';
import { type Command, CommandFailure, exitCode } from './command.ts';

/** What the manual calls the place of an installed package; the printed set-up names the one that runs. */
const INSTALLED = '$(npm root --global)/inkling-language-server';

const editors: Readonly<Record<string, () => string>> = { nvim: neovimSetup };

export const init: Command = {
  usage: Object.keys(editors).join('|'),
  help: 'Prints what to put into the editor\'s own settings, ready to be appended: "inkling init nvim >> ~/.config/nvim/init.lua".',
  options: {},
  arguments: { least: 1, most: 1 },
  async run({ positionals: [name = ''] }, { terminal }) {
    const setup = Object.hasOwn(editors, name) ? editors[name] : undefined;
    if (setup === undefined) {
      throw new UsageError(`There is no set-up for "${name}" yet. Known: ${Object.keys(editors).join(', ')}.`);
    }
    terminal.print(setup());
    return exitCode.done;
  },
};

/** The first two blocks of the client's README: what to do in a shell, as a comment, and what to write into `init.lua`. */
function neovimSetup(): string {
  const root = packageRoot(import.meta.url);
  const [shell, lua] = blocksOf(join(root, 'clients', 'neovim', 'README.md'));
  const steps = shell.replaceAll(INSTALLED, root).trimEnd().split('\n');
  return ['-- Once, in a shell:', ...steps.map((step) => `--   ${step}`), lua.trimEnd(), ''].join('\n');
}

function blocksOf(path: string): readonly [string, string] {
  let manual: string;
  try {
    manual = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`${path} is missing: this installation is incomplete.`);
  }
  const shell = /^```sh\n(.*?)^```$/ms.exec(manual)?.[1];
  const lua = /^```lua\n(.*?)^```$/ms.exec(manual)?.[1];
  if (shell === undefined || lua === undefined) throw new CommandFailure(`${path} holds no set-up.`);
  return [shell, lua];
}
