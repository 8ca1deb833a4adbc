/**
 * Compares what is open on two lines, the cursor's and a match's: what ends a statement there may stand inside
 * brackets or quotes here, where it makes no sense.
 */
import { isLineEnd, type Vocabulary } from './vocabulary.ts';

/** What is open on a line before a place. */
export interface LineState {
  /** Brackets opened on the line and not closed. */
  readonly depth: number;
  /** One bit for each kind of quote that occurs an odd number of times. */
  readonly quotes: number;
}

const OPENERS = new Set(unitsOf('([{'));
const CLOSERS = new Set(unitsOf(')]}'));
const QUOTES = unitsOf(`"'\``);
const SEMICOLON = 0x3b;
const BLOCK = 0x7b;

function unitsOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** The state of the line that holds `place`, which begins not before `bound`. */
export function stateBefore(ids: Uint32Array, place: number, bound: number, vocabulary: Vocabulary): LineState {
  let start = place;
  while (start > bound && !isLineEnd((ids[start - 1] as number) >>> 1)) start--;
  let depth = 0;
  let quotes = 0;
  for (let index = start; index < place; index++) {
    const unit = vocabulary.onlyUnitOf((ids[index] as number) >>> 1);
    depth = depthAfter(depth, unit);
    quotes ^= quoteBit(unit);
  }
  return { depth, quotes };
}

/** Cuts the rest of a line where what it closes or ends there is not open, or not at its end, here. */
export function cutToState(
  rest: readonly number[],
  theirs: LineState,
  ours: LineState,
  vocabulary: Vocabulary,
): readonly number[] {
  const strange = theirs.quotes ^ ours.quotes;
  const isDeeper = ours.depth > theirs.depth;
  let depth = theirs.depth;
  for (const [position, id] of rest.entries()) {
    const unit = vocabulary.onlyUnitOf(id >>> 1);
    const isEnd = unit === SEMICOLON || unit === BLOCK;
    if ((strange & quoteBit(unit)) !== 0 || (isDeeper && depth === 0 && isEnd)) return rest.slice(0, position);
    depth = depthAfter(depth, unit);
  }
  return rest;
}

function depthAfter(depth: number, unit: number): number {
  if (OPENERS.has(unit)) return depth + 1;
  return CLOSERS.has(unit) ? Math.max(0, depth - 1) : depth;
}

function quoteBit(unit: number): number {
  const kind = QUOTES.indexOf(unit);
  return kind < 0 ? 0 : 1 << kind;
}
