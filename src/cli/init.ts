/** `inkling init`: a working set-up of an editor, taken from the manuals that come with this package. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { nearestName } from '../util/nearest-name.ts';
import { packageRoot } from '../util/package-paths.ts';
import { UsageError } from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';

/** A piece of what is printed: a block of a manual, or words of our own. */
type Part =
  | { readonly words: string }
  | {
      /** Below the package's root. */
      readonly manual: string;
      readonly language: 'sh' | 'lua' | 'toml' | 'elisp';
      /** Which block in this language; the first one where it is left out. */
      readonly block?: number;
      /** Stands before each line: what has to be chosen first is printed as a comment. */
      readonly prefix?: string;
    };

const editors: Readonly<Record<string, readonly Part[]>> = {
  nvim: [
    { manual: 'README.md', language: 'lua' },
    { words: '\n-- For chat, status line and :checkhealth the plugin instead. Once, in a shell:' },
    { manual: 'clients/neovim/README.md', language: 'sh', prefix: '--   ' },
    { words: '-- and in place of the lines above:' },
    { manual: 'clients/neovim/README.md', language: 'lua', prefix: '--   ' },
  ],
  helix: [{ manual: 'clients/helix/README.md', language: 'toml' }],
  emacs: [
    { manual: 'clients/emacs/README.md', language: 'elisp' },
    { words: '\n;; With lsp-mode, in place of the lines above:' },
    { manual: 'clients/emacs/README.md', language: 'elisp', block: 1, prefix: ';;   ' },
  ],
};

/** Editors that people will ask for, and why nothing can be printed for them. */
const withoutSetup: Readonly<Record<string, string>> = {
  vscode:
    'VS Code starts a language server by an extension alone, and there is none for Inkling yet. Until there is one,' +
    ' "inkling complete" and "inkling chat" work in its terminal.',
};

/** What the manual calls the place of an installed package; the printed set-up names the one that runs. */
const INSTALLED = '$(npm root --global)/inkling-language-server';

export const init: Command = {
  usage: Object.keys(editors).join('|'),
  help:
    "Prints what to put into the editor's own settings, ready to be appended:" +
    ' "inkling init nvim >> ~/.config/nvim/init.lua", "inkling init helix >> ~/.config/helix/languages.toml",' +
    ' "inkling init emacs >> ~/.emacs.d/init.el".',
  options: {},
  arguments: { least: 1, most: 1 },
  async run({ positionals: [name = ''] }, surroundings) {
    const parts = Object.hasOwn(editors, name) ? editors[name] : undefined;
    if (parts === undefined) throw new UsageError(whyNot(name));
    const root = packageRoot(import.meta.url);
    surroundings.terminal.print(`${parts.map((part) => textOf(part, root)).join('\n')}\n`);
    if (!isOnPath(surroundings)) {
      surroundings.terminal.complain(
        `"inkling" is not on your PATH, where the editor looks for it. Put it there: npm install --global "${root}"\n`,
      );
    }
    // Not to a script, which asked for the set-up alone.
    if (surroundings.input.isTTY) surroundings.terminal.complain(KEYS);
    return exitCode.done;
  },
};

const KEYS =
  '\nCompletion works as it is. For a model, store its key, for example by "inkling keys set mistral", and put' +
  ' {"provider": "mistral"} into the file that "inkling config path" names.\n';

function whyNot(name: string): string {
  const reason = Object.hasOwn(withoutSetup, name) ? withoutSetup[name] : undefined;
  if (reason !== undefined) return reason;
  const near = nearestName(name, Object.keys(editors));
  const meant = near === undefined ? `Known: ${Object.keys(editors).join(', ')}.` : `Did you mean "${near}"?`;
  return `There is no set-up for "${name}" yet. ${meant}`;
}

function textOf(part: Part, root: string): string {
  if ('words' in part) return part.words;
  const { manual, language, block = 0, prefix = '' } = part;
  const text = blockOf(join(root, manual), language, block).replaceAll(INSTALLED, root);
  return text
    .split('\n')
    .map((line) => `${prefix}${line}`.trimEnd())
    .join('\n');
}

function blockOf(path: string, language: string, index: number): string {
  let manual: string;
  try {
    manual = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`${path} is missing: this installation is incomplete.`);
  }
  const block = [...manual.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))][index]?.[1];
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
