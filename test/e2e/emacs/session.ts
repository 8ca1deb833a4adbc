/** One user's session: Emacs in a terminal with the manual's set-up, the built server, and a fake provider behind it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { emacs, manualSetup, pathWithInkling } from '../../support/editors.ts';
import { type FakeProvider, type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { startTerminal, type Terminal } from '../../support/terminal.ts';

export interface SessionOptions {
  /** The file that is edited. */
  readonly text: string;
  readonly respond?: FakeResponder;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface Session extends Terminal {
  readonly fake: FakeProvider;
  /** `completion-at-point`, by its usual key. */
  complete(): Promise<void>;
  /** Runs a command by its name. */
  command(name: string): Promise<void>;
  /** Saves and gives back the bytes of the file as text. */
  saved(): Promise<string>;
}

const file = 'shop.js';

/** Emacs with the file open, on a new line below `line` (from 1), indented as Emacs does. */
export async function openBelow(line: number, options: SessionOptions): Promise<Session> {
  const session = await startSession(options);
  await session.press('M-g', 'g');
  await session.type(`${line}`);
  await session.press('Enter', 'C-e', 'Enter');
  return session;
}

export async function startSession({ text, respond, settings = {} }: SessionOptions): Promise<Session> {
  if (emacs === undefined) throw new Error('Emacs is not here.');
  const fake = await startFakeProvider(respond === undefined ? {} : { respond });
  onTestFinished(() => fake.close());
  const folder = await mkdtemp(join(tmpdir(), 'inkling-emacs-'));
  const home = join(folder, '.home');
  await mkdir(home);
  await writeFile(join(folder, '.inkling.json'), '{}');
  await writeFile(join(folder, file), text);
  await writeFile(join(home, 'init.el'), await initFile(fake, settings));
  const terminal = await startTerminal({
    tmux: emacs.tmux,
    command: [emacs.editor, '-nw', '-Q', '-l', join(home, 'init.el'), file],
    folder,
    environment: {
      PATH: await pathWithInkling(home),
      HOME: home,
      XDG_CONFIG_HOME: home,
      TMPDIR: tmpdir(),
    },
  });
  onTestFinished(async () => {
    await terminal.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  await terminal.untilShown('[eglot:');
  return {
    ...terminal,
    fake,
    // Escape and Tab are how a terminal says Meta and Tab.
    complete: () => terminal.press('Escape', 'Tab'),
    async command(name) {
      await terminal.press('M-x');
      await terminal.type(name);
      await terminal.press('Enter');
    },
    async saved() {
      await terminal.press('C-x', 'C-s');
      await terminal.untilShown('Wrote ');
      return readFile(join(folder, file), 'utf8');
    },
  };
}

/** The manual's block for Eglot, and after it what a test has of its own. */
async function initFile(fake: FakeProvider, settings: Readonly<Record<string, unknown>>): Promise<string> {
  const own = {
    provider: 'fake',
    providers: { fake: { kind: 'openai-compatible', baseUrl: fake.url, model: 'fake-model-1', fim: 'suffix' } },
    completion: { fallback: [], debounce: { min: 0, max: 0 } },
    // Its last lines are written when the server ends, after the editor: in a folder that is gone by then.
    audit: { enabled: false },
    ...settings,
  };
  // The last lines make the screen and the folder what a test expects: no margin beside the text, no files beside the file.
  return `${await manualSetup('emacs', 'elisp')}
(setq-default eglot-workspace-configuration '(:inkling ${plist(own)}))
(setq native-comp-jit-compilation nil js-indent-level 2 create-lockfiles nil make-backup-files nil)
(setq-default indent-tabs-mode nil)
(setq flymake-margin-indicator-position nil)
(column-number-mode)
`;
}

/** A value as Eglot takes it for JSON; of what JSON can say, all but null. */
function plist(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plist).join(' ')}]`;
  if (typeof value === 'boolean') return value ? 't' : ':json-false';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `(${Object.entries(value)
    .map(([key, inner]) => `:${key} ${plist(inner)}`)
    .join(' ')})`;
}
