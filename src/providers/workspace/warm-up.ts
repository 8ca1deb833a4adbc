/**
 * Rehearses what the engine does, in short slices and on an engine of its own, so that the first real suggestion and the
 * first index are not the ones that wait for the compiler: cold, the first sixty suggestions take 5 to 40 ms each.
 */
import type { Clock } from '../../domain/ports.ts';
import { createWorkspaceEngine, type WorkspaceEngine } from './engine.ts';
import type { LineSource } from './open-document.ts';
import { createIndexBuilder, type StaticIndex } from './static-index.ts';

const OPEN = '/rehearsal/open.js';
/** Open beside it, and in the index too, so that a part of the index is masked. */
const BESIDE = '/rehearsal/beside.js';
/** Suggestions before there is an index, and with one: after so many, everything is compiled. */
const ROUNDS_BEFORE = 60;
const ROUNDS_WITH = 200;
/** Milliseconds after which a slice takes no further step. */
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
// Größe → μ
export async function load(path, options) {
  const source = await readFile(path, 'utf8');
  const result = parse(source, options);
  return result;
}`;

/** The sample in other words: patterns that repeat with different names are what the engine looks for. */
const COPIES = Array.from({ length: 24 }, (_, number) =>
  SAMPLE.replaceAll('result', `entries${number}`).replaceAll('parse', `read${number}`),
);

/** Rehearses everything once; ends early, and quietly, when the signal aborts. */
export async function warmUp(clock: Clock, signal: AbortSignal): Promise<void> {
  const steps = rehearse();
  for (;;) {
    const end = clock.now() + SLICE;
    do {
      if (signal.aborted || steps.next().done === true) return;
    } while (clock.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Yields between steps that take about a millisecond, before anything is compiled. */
function* rehearse(): Generator<void, void, undefined> {
  const engine = createWorkspaceEngine((uri) => uri);
  const lines = SAMPLE.split('\n');
  engine.openDocument(OPEN, sourceOf(lines));
  engine.openDocument(BESIDE, sourceOf(lines));
  for (let round = 0; round < ROUNDS_BEFORE; round++) {
    suggestIn(engine, lines, round);
    yield;
  }
  const index = yield* indexSteps();
  yield* engine.setIndexInSteps(index);
  for (let round = 0; round < ROUNDS_WITH; round++) {
    suggestIn(engine, lines, round);
    yield;
  }
}

function* indexSteps(): Generator<void, StaticIndex, undefined> {
  const builder = createIndexBuilder();
  builder.add(BESIDE, SAMPLE);
  for (const [number, copy] of COPIES.entries()) {
    builder.add(`/rehearsal/${number}.js`, copy);
    yield;
  }
  return builder.finish();
}

/** Cuts a line, with or without brackets after the cursor, asks for its rest and puts it back. */
function suggestIn(engine: WorkspaceEngine, lines: readonly string[], round: number): void {
  const line = round % lines.length;
  const text = lines[line] ?? '';
  const character = Math.floor((text.length * ((round * 7) % 10)) / 10);
  const change = { startLine: line, oldEndLine: line + 1, newEndLine: line + 1 };
  const cut = text.slice(0, character) + (round % 3 === 0 ? ');' : '');
  engine.changeDocument(OPEN, change, sourceOf(lines.with(line, cut)));
  engine.suggest({ uri: OPEN, line, character });
  engine.changeDocument(OPEN, change, sourceOf(lines));
}

function sourceOf(lines: readonly string[]): LineSource {
  return { lineCount: lines.length, lineAt: (line) => lines[line] ?? '' };
}
