/** `inkling demo`: what a newcomer sees first. The real server, started as an editor starts it, on a file that is really there. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { packageRoot } from '../util/package-paths.ts';
import type { ParsedArguments } from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';
import { showChat } from './demo-chat.ts';
import { type DemoFile, demoFile, spreadLines, usualLines } from './demo-places.ts';
import { type DemoSession, type Keystroke, openInDemo } from './demo-session.ts';
import {
  CURSOR,
  count,
  countOffers,
  isCompleted,
  keysSaved,
  milliseconds,
  showPlace,
  type TypedPlace,
} from './demo-view.ts';
import { type LspClient, startLspServer } from './lsp-client.ts';
import { clean } from './terminal.ts';

/** Milliseconds after which the demo gives up; it takes about two seconds. */
const PATIENCE = 60_000;
/** Milliseconds the workspace's index may take before the demo goes on without it. */
const INDEX_PATIENCE = 5_000;
const PLACES = 3;
/** Lines that are typed for each place that is shown. */
const TRIED = 4;
const MEASURED_KEYSTROKES = 200;

export const demo: Command = {
  usage: '',
  help:
    'Starts the language server, opens a file, takes lines out and types them again, and shows what is offered after' +
    ' each key and how long it took. Needs no key and no network; a chat answer follows if a chat provider is configured.',
  options: {},
  arguments: { least: 0, most: 0 },
  async run(input, surroundings) {
    const limit = AbortSignal.timeout(PATIENCE);
    const signal = AbortSignal.any([surroundings.signal, limit]);
    const root = packageRoot(import.meta.url);
    const server = startLspServer(serverCommand(root, input), signal);
    try {
      await show(server, root, { ...surroundings, signal }, input);
      return exitCode.done;
    } catch (error) {
      if (limit.aborted) throw new CommandFailure(`The server did not answer for ${PATIENCE / 1000} s.`);
      if (surroundings.signal.aborted) throw error;
      throw new CommandFailure(`The demo ended early. ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await server.close();
    }
  },
};

function serverCommand(root: string, input: ParsedArguments): readonly [string, ...string[]] {
  const passedOn = ['config', 'profile', 'log-level', 'log-file'].flatMap((name) => {
    const value = input.text(name);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  return [process.execPath, join(root, 'dist', 'inkling.cjs'), '--stdio', ...passedOn];
}

async function show(
  server: LspClient,
  root: string,
  surroundings: Surroundings,
  input: ParsedArguments,
): Promise<void> {
  const { terminal, signal } = surroundings;
  const file = demoFile(root);
  terminal.print(
    `\n${terminal.style('bold', `Inkling ${packageJson.version}`)}  completion and chat from any model, in any LSP editor\n\n`,
  );
  const session = await start(server, root, file, surroundings);
  const places = usualLines(session.lines, PLACES, TRIED);
  for (const [index, candidates] of places.entries()) {
    const place = await bestOf(session, file.name, candidates);
    if (place !== undefined) await showPlace(place, terminal, signal);
    if (index === 0) terminal.print(`${legend(surroundings)}\n`);
    terminal.print('\n');
  }
  await measure(session, file.name, places.flat().length, surroundings);
  await showChat(server, file, surroundings, input);
  terminal.print(`\nNext, in your editor:  ${terminal.style('bold', 'inkling init nvim')}\n\n`);
}

/** As an editor starts it; completion by the offline engine whatever the settings name, because that is what is shown. */
async function start(
  server: LspClient,
  root: string,
  file: DemoFile,
  { terminal, signal }: Surroundings,
): Promise<DemoSession> {
  const started = performance.now();
  const indexed = indexEnd(server, signal);
  await server.request('initialize', {
    processId: process.pid,
    clientInfo: { name: 'inkling demo', version: packageJson.version },
    rootUri: pathToFileURL(root).href,
    workspaceFolders: [{ uri: pathToFileURL(root).href, name: 'inkling' }],
    capabilities: { window: { workDoneProgress: true }, textDocument: { inlineCompletion: {} } },
    initializationOptions: { completion: { enabled: true, surface: 'inline', provider: 'workspace', fallback: [] } },
  });
  const ready = performance.now();
  server.notify('initialized', {});
  const session = openInDemo(server, file);
  const learnt = await indexed;
  const time = milliseconds(performance.now() - ready);
  // It says how many files, or how it failed.
  const index =
    learnt !== undefined && /^\d/.test(learnt)
      ? `learnt ${learnt} in ${time}`
      : `workspace not learnt: ${learnt ?? 'not yet'}`;
  terminal.print('The real server, started as an editor starts it, with no key and no network.\n');
  terminal.print(terminal.style('dim', `Started in ${milliseconds(ready - started)}, ${index}.\n\n`));
  return session;
}

/** What the server says when its index is there; `undefined` where it takes too long to wait for. */
function indexEnd(server: LspClient, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), INDEX_PATIENCE);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    server.onNotification((method, params) => {
      const { value } = (method === '$/progress' ? params : {}) as { value?: { kind?: string; message?: string } };
      if (value?.kind !== 'end') return;
      clearTimeout(timer);
      resolve(clean(value.message ?? 'the workspace'));
    });
  });
}

/** Types a line until what is offered is the rest of it, or the line is there. */
async function typeUntilRight(session: DemoSession, file: string, line: number): Promise<TypedPlace> {
  const { lines } = session;
  const keystrokes: Keystroke[] = [];
  const isRight = ({ before, ghost }: Keystroke) => ghost !== undefined && before + ghost === lines[line];
  for await (const keystroke of session.retype(line, isRight)) keystrokes.push(keystroke);
  return { file, lines, line, keystrokes };
}

/** Where most was saved; the first where nothing was. */
async function bestOf(
  session: DemoSession,
  file: string,
  candidates: readonly number[],
): Promise<TypedPlace | undefined> {
  let best: TypedPlace | undefined;
  for (const line of candidates) {
    const place = await typeUntilRight(session, file, line);
    if (best === undefined || keysSaved(place) > keysSaved(best)) best = place;
  }
  return best;
}

function legend({ terminal }: Surroundings): string {
  const ghost = terminal.hasColors ? 'the dim text behind it' : 'the text in ‹ ›';
  return terminal.style('dim', `${CURSOR} is the cursor, ${ghost} is offered; times are from key to offer.`);
}

/** Lines from the whole file, none left out: the places above were chosen, these figures are not. */
async function measure(session: DemoSession, file: string, tried: number, { terminal }: Surroundings): Promise<void> {
  const typed: TypedPlace[] = [];
  const keystrokes = () => typed.flatMap((place) => place.keystrokes);
  for (const line of spreadLines(session.lines)) {
    if (keystrokes().length >= MEASURED_KEYSTROKES) break;
    typed.push(await typeUntilRight(session, file, line));
  }
  const times = keystrokes()
    .map((one) => one.milliseconds)
    .sort((one, other) => one - other);
  if (times.length === 0) return;
  const at = (share: number) => milliseconds(times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0);
  const offers = typed.map(countOffers);
  const right = sum(offers.map((one) => one.right));
  const wrong = sum(offers.map((one) => one.wrong));
  const shown = sum(offers.map((one) => one.keys));
  const bold = (text: string) => terminal.style('bold', text);
  terminal.print(
    `Chosen above: the best of ${count(tried, 'line')}. Spread over the whole file, good and bad:\n` +
      `  typed     ${count(times.length, 'key')} on ${count(typed.length, 'line')}\n` +
      `  latency   ${bold(at(0.5))} at p50, ${bold(at(0.99))} at p99, ${at(1)} at most\n` +
      `  offers    ${right + wrong} at ${count(shown, 'key')}: ${right} as the author went on, ${wrong} not; else silent\n` +
      `  lines     ${typed.filter(isCompleted).length} of ${typed.length} completed to their end, ${count(sum(typed.map(keysSaved)), 'key')} saved\n`,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
