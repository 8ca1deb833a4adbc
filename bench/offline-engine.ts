/** What the offline engine costs and how often it is right, measured on source of the packages installed here. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { realPathOfUri } from '../src/providers/workspace/document-path.ts';
import { createWorkspaceEngine } from '../src/providers/workspace/engine.ts';
import { buildIndexInThread } from '../src/providers/workspace/index-thread.ts';
import { lexText } from '../src/providers/workspace/lexer.ts';
import type { LineSource } from '../src/providers/workspace/open-document.ts';
import { bytesOf, createIndexBuilder } from '../src/providers/workspace/static-index.ts';
import { TokenBuffer } from '../src/providers/workspace/token-buffer.ts';
import { Vocabulary } from '../src/providers/workspace/vocabulary.ts';
import { warmUp } from '../src/providers/workspace/warm-up.ts';
import { systemClock } from '../src/util/system-clock.ts';
import { holdOut, readCorpus, seededRandom } from './offline-engine-corpus.ts';
import { evaluate } from './offline-engine-evaluation.ts';
import type { Row } from './row.ts';
import { against, median, quantile, summary, within } from './statistics.ts';
import type { Bench } from './subjects.ts';

type Corpus = readonly { path: string; text: string }[];

const BUDGET = 24_000_000;
const ROUNDS = 5;

/** Measures everything, in about 20 seconds. */
export async function benchOfflineEngine({ root, programs }: Pick<Bench, 'root' | 'programs'>): Promise<Row[]> {
  const corpus = corpusOf(join(root, 'node_modules'));
  const megabytes = corpus.reduce((units, { text }) => units + text.length, 0) / 1e6;
  const workerPath = join(dirname(programs.inkling), 'index-worker.cjs');
  return [
    { name: 'source', median: megabytes, unit: 'MB' },
    ...lexing(corpus, megabytes),
    ...building(corpus, megabytes),
    ...keystrokes(corpus),
    await firstRequests(corpus),
    ...accuracy(corpus),
    await delayWhileBuilding(corpus, workerPath),
  ];
}

function corpusOf(modules: string): Corpus {
  const packages = ['zod', 'openai', 'fast-check', 'vitest', '@vitest', 'undici', 'rolldown', '@types', 'typescript'];
  const corpus = packages.flatMap((name) => readCorpus(join(modules, name), BUDGET));
  let units = 0;
  return corpus.filter(({ text }) => {
    units += text.length;
    return units <= BUDGET;
  });
}

/** Lexing, beside a loop that only looks at every unit of the same text. */
function lexing(corpus: Corpus, megabytes: number): Row[] {
  const speedOf = (work: () => void): number => (megabytes * 1000) / median(timed(ROUNDS, work));
  const floor = speedOf(() => {
    for (const { text } of corpus) lookAtEach(text);
  });
  const speed = speedOf(() => {
    const vocabulary = new Vocabulary();
    const tokens = new TokenBuffer(1 << 16);
    for (const { text } of corpus) lexText(text, vocabulary, tokens);
  });
  return [
    { name: 'looking at every character', median: floor, unit: 'MB/s' },
    { ...atLeast({ name: 'lexing', median: speed, unit: 'MB/s' }, 30), floor, ratio: speed / floor },
  ];
}

function lookAtEach(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum = (sum + text.charCodeAt(index)) | 0;
  return sum;
}

function building(corpus: Corpus, megabytes: number): Row[] {
  let bytes = 0;
  const times = timed(ROUNDS, () => {
    const builder = createIndexBuilder();
    for (const { path, text } of corpus) builder.add(path, text);
    bytes = bytesOf(builder.finish());
  });
  return [
    atLeast({ name: 'index build', median: (megabytes * 1000) / median(times), unit: 'MB/s' }, 8),
    within({ name: 'index memory', median: bytes / megabytes / 1e6, unit: 'bytes per byte of source' }, 3.5),
  ];
}

/** A goal in the row's own unit, where more is better. */
function atLeast(row: Row, limit: number): Row {
  return { ...row, goal: { text: `≥ ${limit} ${row.unit}`, reached: row.median >= limit } };
}

/** A summary whose 99th percentile is what is promised. */
function promised(name: string, unit: string, samples: readonly number[], limit: number): Row {
  const p99 = quantile(samples, 0.99);
  return { ...summary(name, unit, samples), goal: { text: `99th ≤ ${limit} ${unit}`, reached: p99 <= limit } };
}

/** Typing in the middle of a file of 400 kB, then a suggestion after each hundredth keystroke. */
function keystrokes(corpus: Corpus): Row[] {
  const lines = linesOf(corpus, 400_000);
  const engine = createWorkspaceEngine(realPathOfUri);
  const uri = 'file:///bench/large.ts';
  let source = sourceOf(lines);
  engine.openDocument(uri, source);
  const updates: number[] = [];
  const typed = 'const value = compute(value, index) + other[index];';
  for (let round = 0; round < 4000; round++) {
    const line = (lines.length >>> 1) + (round % 50);
    lines[line] = typed.slice(0, round % typed.length);
    source = sourceOf(lines);
    const start = performance.now();
    engine.changeDocument(uri, { startLine: line, oldEndLine: line + 1, newEndLine: line + 1 }, source);
    if (round >= 500) updates.push((performance.now() - start) * 1000);
  }
  const suggestions = timed(400, (round) => {
    const line = (lines.length >>> 1) + (round % 50);
    engine.suggest({ uri, line, character: lines[line]?.length ?? 0 });
  });
  return [
    promised('keystroke update, 400 kB', 'µs', updates, 100),
    promised('suggestion, 400 kB, no index', 'ms', suggestions.slice(100), 10),
  ];
}

/** The first hundred requests after warming up, the p99 of which a user meets. */
async function firstRequests(corpus: Corpus): Promise<Row> {
  const { index, points } = holdOut(corpus, 100, 7);
  const engine = createWorkspaceEngine(realPathOfUri);
  engine.setIndex(index);
  await warmUp(systemClock, new AbortController().signal);
  const times: number[] = [];
  for (const { path, lines, line, character } of points) {
    const uri = pathToFileURL(path).href;
    engine.openDocument(uri, lines);
    times.push(timeOf(() => engine.suggest({ uri, line, character })));
    engine.closeDocument(uri);
  }
  return promised('first 100 suggestions', 'ms', times, 10);
}

function accuracy(corpus: Corpus): Row[] {
  const heldOut = holdOut(corpus, 600, 3);
  const forced = evaluate(heldOut, 0);
  const { coverage, precision, prefixPrecision, exactMatch, times } = evaluate(heldOut, 0.4);
  return [
    promised('suggestion', 'ms', times, 10),
    { name: 'coverage', median: coverage * 100, unit: '%' },
    { name: 'precision, whole line', median: precision * 100, unit: '%' },
    { name: 'precision, as far as it goes', median: prefixPrecision * 100, unit: '%' },
    { name: 'exact match', median: exactMatch * 100, unit: '%' },
    { name: 'exact match, always offering', median: forced.exactMatch * 100, unit: '%' },
  ];
}

/** How late a timer of the main thread fires at worst while a thread builds an index and hands it over. */
async function delayWhileBuilding(corpus: Corpus, workerPath: string): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-bench-'));
  mkdirSync(join(folder, 'workspace'));
  for (const [number, { text }] of corpus.entries()) writeFileSync(join(folder, 'workspace', `${number}.ts`), text);
  const engine = createWorkspaceEngine(realPathOfUri);
  for (let file = 0; file < 20; file++) engine.openDocument(`file:///bench/${file}.ts`, sourceOf(sampleLines()));
  const build = buildIndexInThread(workerPath);
  const stop = watchDelays();
  const index = await build({ roots: [join(folder, 'workspace')] }, () => undefined, new AbortController().signal);
  for (const _ of engine.setIndexInSteps(index)) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const delays = stop();
  rmSync(folder, { recursive: true, force: true });
  const stopIdle = watchDelays();
  await new Promise((resolve) => setTimeout(resolve, delays.length));
  const worst: Row = { name: 'worst delay while building', median: Math.max(...delays), unit: 'ms' };
  // Set beside an idle stretch of the same length, which tells the engine's part from that of a busy machine.
  return within(against(worst, Math.max(...stopIdle())), 20);
}

function watchDelays(): () => number[] {
  const delays: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    delays.push(now - last - 1);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return delays;
  };
}

function sampleLines(): string[] {
  const random = seededRandom(1);
  return Array.from({ length: 2000 }, () => `const name${Math.floor(random() * 500)} = compute(index, value);`);
}

function linesOf(corpus: Corpus, units: number): string[] {
  let text = '';
  for (const file of corpus) {
    if (text.length >= units) break;
    text += `${file.text}\n`;
  }
  return text.slice(0, units).split(/\r\n|\r|\n/);
}

/** A fresh source, as every edit of a real document brings one. */
function sourceOf(lines: readonly string[]): LineSource {
  return { lineCount: lines.length, lineAt: (line) => lines[line] ?? '' };
}

function timed(rounds: number, work: (round: number) => void): number[] {
  return Array.from({ length: rounds }, (_, round) => timeOf(() => work(round)));
}

function timeOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
