/** What the offline engine costs and how often it is right, measured on source of the packages installed here. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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

/** One measured figure. */
export interface Row {
  readonly name: string;
  readonly median: number;
  readonly unit: string;
  readonly p99?: number;
  readonly ratio?: number;
  /** The least that is promised, or for times and memory the most. */
  readonly floor?: number;
}

type Corpus = readonly { path: string; text: string }[];

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const BUDGET = 24_000_000;
const ROUNDS = 5;

/** Measures everything; takes about half a minute. `modules` is the folder whose packages are the source. */
export async function benchOfflineEngine(modules = MODULES): Promise<Row[]> {
  const corpus = corpusOf(modules);
  const sourceUnits = corpus.reduce((units, { text }) => units + text.length, 0);
  return [
    { name: 'source', median: sourceUnits / 1e6, unit: 'MB' },
    lexing(corpus, sourceUnits),
    ...building(corpus, sourceUnits),
    ...keystrokes(corpus),
    await firstRequests(corpus),
    ...accuracy(corpus),
    await delayWhileBuilding(corpus),
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

function lexing(corpus: Corpus, sourceUnits: number): Row {
  const times = timed(ROUNDS, () => {
    const vocabulary = new Vocabulary();
    const tokens = new TokenBuffer(1 << 16);
    for (const { text } of corpus) lexText(text, vocabulary, tokens);
  });
  return { name: 'lexing', median: sourceUnits / 1000 / quantile(times, 0.5), unit: 'MB/s', floor: 30 };
}

function building(corpus: Corpus, sourceUnits: number): Row[] {
  let bytes = 0;
  const times = timed(ROUNDS, () => {
    const builder = createIndexBuilder();
    for (const { path, text } of corpus) builder.add(path, text);
    bytes = bytesOf(builder.finish());
  });
  return [
    { name: 'index build', median: sourceUnits / 1000 / quantile(times, 0.5), unit: 'MB/s', floor: 8 },
    { name: 'index memory', median: bytes / sourceUnits, unit: 'bytes per byte of source', floor: 3.5 },
  ];
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
    { name: 'keystroke update, 400 kB', ...spreadOf(updates), unit: 'µs', floor: 100 },
    { name: 'suggestion, 400 kB, no index', ...spreadOf(suggestions.slice(100)), unit: 'ms', floor: 10 },
  ];
}

/** The first hundred requests after warming up, the p99 of which a user meets. */
async function firstRequests(corpus: Corpus): Promise<Row> {
  const { index, points } = holdOut(corpus, 100, 7);
  const engine = createWorkspaceEngine(realPathOfUri);
  engine.setIndex(index);
  await warmUp(engine, systemClock, new AbortController().signal);
  const times: number[] = [];
  for (const { path, lines, line, character } of points) {
    const uri = pathToFileURL(path).href;
    engine.openDocument(uri, lines);
    times.push(timeOf(() => engine.suggest({ uri, line, character })));
    engine.closeDocument(uri);
  }
  return { name: 'first 100 suggestions', ...spreadOf(times), unit: 'ms', floor: 10 };
}

function accuracy(corpus: Corpus): Row[] {
  const heldOut = holdOut(corpus, 600, 3);
  const forced = evaluate(heldOut, 0);
  const { coverage, precision, prefixPrecision, exactMatch, times } = evaluate(heldOut, 0.4);
  return [
    { name: 'suggestion', ...spreadOf(times), unit: 'ms', floor: 10 },
    { name: 'coverage', median: coverage * 100, unit: '%' },
    { name: 'precision, whole line', median: precision * 100, unit: '%' },
    { name: 'precision, as far as it goes', median: prefixPrecision * 100, unit: '%' },
    { name: 'exact match', median: exactMatch * 100, unit: '%' },
    { name: 'exact match, always offering', median: forced.exactMatch * 100, unit: '%' },
  ];
}

/** How late a timer of the main thread fires at worst while a thread builds an index and hands it over. */
async function delayWhileBuilding(corpus: Corpus): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-bench-'));
  const { rolldown } = await import('rolldown');
  const input = fileURLToPath(new URL('../src/providers/workspace/index-worker.ts', import.meta.url));
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await bundle.write({ file: join(folder, 'index-worker.cjs'), format: 'cjs' });
  mkdirSync(join(folder, 'workspace'));
  for (const [number, { text }] of corpus.entries()) writeFileSync(join(folder, 'workspace', `${number}.ts`), text);
  const engine = createWorkspaceEngine(realPathOfUri);
  for (let file = 0; file < 20; file++) engine.openDocument(`file:///bench/${file}.ts`, sourceOf(sampleLines()));
  const build = buildIndexInThread(join(folder, 'index-worker.cjs'));
  const stop = watchDelays();
  const index = await build({ roots: [join(folder, 'workspace')] }, () => undefined, new AbortController().signal);
  for (const _ of engine.setIndexInSteps(index)) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const delays = stop();
  rmSync(folder, { recursive: true, force: true });
  const stopIdle = watchDelays();
  await new Promise((resolve) => setTimeout(resolve, delays.length));
  const idle = Math.max(...stopIdle());
  const worst = Math.max(...delays);
  // The ratio to an idle stretch of the same length tells the engine's part from that of a busy machine.
  return { name: 'worst delay while building', median: worst, unit: 'ms', ratio: worst / idle, floor: 20 };
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

function spreadOf(values: readonly number[]): { median: number; p99: number } {
  return { median: quantile(values, 0.5), p99: quantile(values, 0.99) };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
