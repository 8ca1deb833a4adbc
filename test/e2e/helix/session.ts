/** One user's session: Helix in a terminal with the manual's set-up, the built server, and a fake provider behind it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { helix, manualSetup, pathWithInkling } from '../../support/editors.ts';
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
  /** Leaves insert mode; waits until Helix says so. */
  toNormal(): Promise<void>;
  /** Saves and gives back the bytes of the file as text. */
  saved(): Promise<string>;
  /** Waits until the server has answered as many requests for a list, and all that there were. */
  answered(atLeast: number): Promise<void>;
}

const file = 'shop.js';

/** Helix with the file open, in insert mode on a new line below `line` (from 1), indented as Helix does. */
export async function openBelow(line: number, options: SessionOptions): Promise<Session> {
  const session = await startSession(options);
  await session.type(`${line}ggo`);
  await session.untilShown('INS');
  return session;
}

export async function startSession({ text, respond, settings = {} }: SessionOptions): Promise<Session> {
  if (helix === undefined) throw new Error('Helix is not here.');
  const fake = await startFakeProvider(respond === undefined ? {} : { respond });
  onTestFinished(() => fake.close());
  const folder = await mkdtemp(join(tmpdir(), 'inkling-helix-'));
  const home = join(folder, '.home');
  const logFile = join(home, 'helix.log');
  await mkdir(join(home, 'helix'), { recursive: true });
  await writeFile(join(folder, '.inkling.json'), '{}');
  await writeFile(join(folder, file), text);
  // Then the screen begins with the text as it is.
  await writeFile(join(home, 'helix', 'config.toml'), '[editor]\ngutters = []\n');
  await writeFile(join(home, 'helix', 'languages.toml'), await languages(fake, settings));
  const terminal = await startTerminal({
    tmux: helix.tmux,
    command: [helix.editor, '-v', '--log', logFile, file],
    folder,
    environment: {
      PATH: await pathWithInkling(home),
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      TMPDIR: tmpdir(),
    },
  });
  onTestFinished(async () => {
    await terminal.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  await terminal.untilShown('NOR');
  await terminal.until('the server to know the document', async () => (await log()).includes('textDocument/didOpen'));
  return {
    ...terminal,
    fake,
    answered: (atLeast) =>
      terminal.until(`${atLeast} answers`, async () => {
        const text = await log();
        const answers = count(
          text,
          /<- \{"jsonrpc":"2.0","id":\d+,("result":\{"isIncomplete"|"error":\{"code":-32800)/g,
        );
        return answers >= atLeast && answers === count(text, /-> .*"method":"textDocument\/completion"/g);
      }),
    async toNormal() {
      await terminal.press('Escape');
      // A key that follows at once would be taken for one pressed together with Alt.
      await terminal.untilShown('NOR');
    },
    async saved() {
      await terminal.type(':write');
      await terminal.press('Enter');
      await terminal.untilShown('written');
      return readFile(join(folder, file), 'utf8');
    },
  };
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** The manual's block, with the test's settings in place of its own. */
async function languages(fake: FakeProvider, settings: Readonly<Record<string, unknown>>): Promise<string> {
  const own = {
    provider: 'fake',
    providers: { fake: { kind: 'openai-compatible', baseUrl: fake.url, model: 'fake-model-1', fim: 'suffix' } },
    completion: { fallback: [], debounce: { min: 0, max: 0 } },
    // Its last lines are written when the server ends, after the editor: in a folder that is gone by then.
    audit: { enabled: false },
    ...settings,
  };
  return (await manualSetup('helix', 'toml')).replace(/^config = .*$/m, `config = ${toml(own)}`);
}

/** A value as TOML writes it inline; of what JSON can say, all but null. */
function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)} = ${toml(inner)}`)
    .join(', ')} }`;
}
