/**
 * Runs suggestions that nobody sees, in short slices, so that the first real one is not the one that waits
 * for the compiler: cold, the first sixty take 5 to 40 ms each.
 */
import type { Clock } from '../../domain/ports.ts';
import type { WorkspaceEngine } from './engine.ts';
import { DEFAULT_LIMITS } from './matches.ts';

/** No editor opens such a document; it exists only within a slice. */
const URI = 'inkling-warm-up:sample';
const ROUNDS = 160;
/** The first rounds look at few places, because they run before anything is compiled. */
const GENTLE_ROUNDS = 60;
const GENTLE_LIMITS = { ...DEFAULT_LIMITS, document: 100, index: 200, perLength: 150, best: 30 };
/** Milliseconds after which a slice starts no further suggestion: with the one under way it blocks about 4. */
const SLICE = 1;

const SAMPLE = `import { readFile } from 'node:fs/promises';
export function parse(source, options) {
  const result = [];
  for (const line of source.split('\\n')) {
    if (line.length === 0) continue;
    result.push({ text: line, size: line.length });
  }
  return options.strict ? result : result.filter(Boolean);
}
export async function load(path, options) {
  const source = await readFile(path, 'utf8');
  const result = parse(source, options);
  return result;
}
`.split('\n');

/** Warms an engine up; ends early, and quietly, when the signal aborts. */
export async function warmUp(engine: WorkspaceEngine, clock: Clock, signal: AbortSignal): Promise<void> {
  const lines = { lineCount: SAMPLE.length, lineAt: (line: number) => SAMPLE[line] ?? '' };
  let round = 0;
  while (round < ROUNDS && !signal.aborted) {
    const end = clock.now() + SLICE;
    engine.openDocument(URI, lines);
    do {
      suggestInSample(engine, round++);
    } while (round < ROUNDS && clock.now() < end);
    engine.closeDocument(URI);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function suggestInSample(engine: WorkspaceEngine, round: number): void {
  const line = round % SAMPLE.length;
  const length = SAMPLE[line]?.length ?? 0;
  const character = Math.floor((length * ((round * 7) % 10)) / 10);
  const change = { startLine: line, oldEndLine: line + 1, newEndLine: line + 1 };
  const cut = (at: number): string => (at === line ? (SAMPLE[at] ?? '').slice(0, character) : (SAMPLE[at] ?? ''));
  engine.changeDocument(URI, change, { lineCount: SAMPLE.length, lineAt: cut });
  const limits = round < GENTLE_ROUNDS ? GENTLE_LIMITS : DEFAULT_LIMITS;
  engine.suggest({ uri: URI, line, character, limits });
  engine.changeDocument(URI, change, { lineCount: SAMPLE.length, lineAt: (at) => SAMPLE[at] ?? '' });
}
