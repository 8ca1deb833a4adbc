/** Points for judging the offline engine: cursors in files that it has not seen, with what really follows. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSource } from '../src/providers/workspace/crawler.ts';
import type { LineSource } from '../src/providers/workspace/open-document.ts';
import { createIndexBuilder, type StaticIndex } from '../src/providers/workspace/static-index.ts';

const SOURCE = /(?<!\.min)\.(?:[cm]?[jt]sx?|py|rs|go|lua|c|h|cc|cpp|java|rb|php|sh)$/;
const NOT_OWN = /[\\/](?:node_modules|vendor|deps|\.git)(?:[\\/]|$)/;

/** A source of numbers in 0…1 that gives the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Where a cursor stands: where a line begins, before a token, inside a word, or behind a line that is complete. */
export type PointKind = 'start' | 'middle' | 'word' | 'end';

/** A cursor in a file of which the rest of the line is taken away. */
export interface Point {
  readonly path: string;
  readonly kind: PointKind;
  readonly lines: LineSource;
  readonly line: number;
  readonly character: number;
  /** What really followed. */
  readonly target: string;
}

/** An index without the held-out files, and points in those. */
export interface HeldOut {
  readonly index: StaticIndex;
  readonly points: readonly Point[];
}

/**
 * Reads the source files below a folder, by name, up to a number of bytes. No ignore file is asked: installed packages
 * are ignored where they lie.
 */
export function readCorpus(root: string, byteBudget: number): { path: string; text: string }[] {
  const corpus: { path: string; text: string }[] = [];
  let size = 0;
  for (const path of sourcePaths(root)) {
    const text = readSource(path);
    if (text === undefined || size + text.length > byteBudget) continue;
    corpus.push({ path, text });
    size += text.length;
  }
  return corpus;
}

/** How many lines below the cursor's are taken away too; Infinity leaves no text below. */
export type Hole = (random: () => number) => number;

/** Only the rest of the line is missing, as when a line is rewritten. */
export const oneLineHole: Hole = () => 0;

/** As while writing: 35% one line, 45% one to seven lines, 20% nothing below. */
export const mixedHole: Hole = (random) => {
  const share = random();
  if (share < 0.35) return 0;
  return share < 0.8 ? Math.floor(random() * 7) : Number.POSITIVE_INFINITY;
};

/** Where something is to be written: the kinds that accuracy is judged on. */
export const judgedKinds: readonly PointKind[] = ['start', 'middle', 'word'];

function sourcePaths(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name) && !NOT_OWN.test(entry.parentPath.slice(root.length)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Holds out 5% of the files (8 to 60) and picks `count` points in them, as many of each kind. */
export function holdOut(
  corpus: readonly { path: string; text: string }[],
  count: number,
  seed: number,
  hole: Hole = oneLineHole,
  kinds: readonly PointKind[] = judgedKinds,
): HeldOut {
  const random = seededRandom(seed);
  const shuffled = corpus
    .map((file) => ({ file, key: random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ file }) => file);
  const held = Math.min(60, Math.max(8, Math.round(shuffled.length / 20)));
  const builder = createIndexBuilder();
  for (const { path, text } of shuffled.slice(held)) builder.add(path, text);
  const files = shuffled.slice(0, held).map(({ path, text }) => ({ path, lines: text.split(/\r\n|\r|\n/) }));
  const points: Point[] = [];
  for (let attempt = 0; points.length < count && attempt < count * 20; attempt++) {
    const file = files[Math.floor(random() * files.length)];
    const kind = kinds[points.length % kinds.length] ?? 'start';
    const point = file === undefined ? undefined : pointIn(file, kind, random, hole(random));
    if (point !== undefined) points.push(point);
  }
  return { index: builder.finish(), points };
}

function pointIn(
  { path, lines }: { path: string; lines: readonly string[] },
  kind: PointKind,
  random: () => number,
  hole: number,
): Point | undefined {
  const line = Math.floor(random() * lines.length);
  const text = lines[line]?.trimEnd() ?? '';
  const places = placesIn(text, kind);
  const character = places[Math.floor(random() * places.length)];
  if (character === undefined || text.length > 200) return undefined;
  const target = text.slice(character);
  if (kind !== 'end' && target.trim().length < 3) return undefined;
  const left = [...lines.slice(0, line), text.slice(0, character), ...lines.slice(line + 1 + hole)];
  const visible = { lineCount: left.length, lineAt: (at: number): string => left[at] ?? '' };
  return { path, kind, lines: visible, line, character, target };
}

/** The cursor places of a kind in a line: its start, before a token, or inside a word. */
function placesIn(text: string, kind: PointKind): number[] {
  const indentation = text.length - text.trimStart().length;
  if (text === '') return [];
  if (kind === 'start') return [indentation];
  if (kind === 'end') return [text.length];
  const places: number[] = [];
  for (const { index, 0: token } of text.matchAll(/[\w$]+|[^\s\w$]/g)) {
    if (kind === 'middle' && index > indentation) places.push(index);
    if (kind === 'word' && token.length > 1 && /\w/.test(token)) {
      for (let offset = 1; offset < token.length; offset++) places.push(index + offset);
    }
  }
  return places;
}
