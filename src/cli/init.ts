/** `inkling init`: a working set-up of an editor, taken from the manuals that come with this package. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../util/package-paths.ts';
import { UsageError } from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';

/** What the manual calls the place of an installed package; the printed set-up names the one that runs. */
const INSTALLED = '$(npm root --global)/inkling-language-server';

const editors: Readonly<Record<string, (root: string) => string>> = { nvim: neovimSetup };

export const init: Command = {
  usage: Object.keys(editors).join('|'),
  help:
    "Prints what to put into the editor's own settings, ready to be appended:" +
    ' "inkling init nvim >> ~/.config/nvim/init.lua".',
  options: {},
  arguments: { least: 1, most: 1 },
  async run({ positionals: [name = ''] }, surroundings) {
    const setup = Object.hasOwn(editors, name) ? editors[name] : undefined;
    if (setup === undefined) {
      throw new UsageError(`There is no set-up for "${name}" yet. Known: ${Object.keys(editors).join(', ')}.`);
    }
    const root = packageRoot(import.meta.url);
    surroundings.terminal.print(setup(root));
    if (!isOnPath(surroundings)) {
      surroundings.terminal.complain(
        `"inkling" is not on your PATH, where the editor looks for it. Put it there: npm install --global "${root}"\n`,
      );
    }
    return exitCode.done;
  },
};

/** What works with Neovim alone, and as a comment what the plugin needs in its place. */
function neovimSetup(root: string): string {
  const alone = blockOf(join(root, 'README.md'), 'lua');
  const manual = join(root, 'clients', 'neovim', 'README.md');
  const steps = blockOf(manual, 'sh').replaceAll(INSTALLED, root).split('\n');
  const plugin = blockOf(manual, 'lua').split('\n');
  return [
    alone,
    '',
    '-- For chat, status line and :checkhealth the plugin instead. Once, in a shell:',
    ...steps.map((line) => `--   ${line}`),
    '-- and in place of the lines above:',
    ...plugin.map((line) => `--   ${line}`),
    '',
  ].join('\n');
}

/** The first block in this language. */
function blockOf(path: string, language: 'sh' | 'lua'): string {
  let manual: string;
  try {
    manual = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`${path} is missing: this installation is incomplete.`);
  }
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(manual)?.[1];
  if (block === undefined) throw new CommandFailure(`${path} holds no set-up.`);
  return block.trimEnd();
}

function isOnPath({ place: { environment, platform } }: Surroundings): boolean {
  const name = platform === 'win32' ? 'inkling.cmd' : 'inkling';
  return (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
