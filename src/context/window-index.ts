/** The names in one version of one document, line by line, built in slices; finds the lines most like a set of names. */
import type { TextSnapshot } from '../domain/text.ts';
import { isTelling, wordOrLineEnd } from './identifiers.ts';

/** Half-open lines of the document. `score` is Jaccard's: 0 to 1. */
export interface WindowMatch {
  readonly startLine: number;
  readonly endLine: number;
  readonly score: number;
}

export interface WindowIndex {
  /** Reads on until the end or until `isTimeUp`; true at the end. */
  advance(isTimeUp: () => boolean): boolean;
  /** The best windows that do not overlap, best first. Needs an index that is read to its end. */
  best(query: ReadonlySet<string>, count: number): WindowMatch[];
}

export const WINDOW_LINES = 60;
/** Code units read of a document: some 6,000 lines. What is behind is not found. */
const MAX_TEXT = 262_144;
/** Words between two looks at the clock: some 30 µs. */
const STRIDE = 256;

export function createWindowIndex(document: TextSnapshot): WindowIndex {
  const numbers = new Map<string, number>();
  const words: number[] = [];
  /** For each line that was read to its end, where its words end in `words`. */
  const lineEnds: number[] = [];
  let text: string | undefined = document.slice(0, MAX_TEXT);
  let position = 0;

  function add(word: string): void {
    if (!isTelling(word)) return;
    let number = numbers.get(word);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(word, number);
    }
    words.push(number);
  }

  function advance(isTimeUp: () => boolean): boolean {
    while (text !== undefined) {
      wordOrLineEnd.lastIndex = position;
      for (let read = 0; read < STRIDE; read++) {
        const word = wordOrLineEnd.exec(text)?.[0];
        if (word === undefined) {
          // The last line counts only where the document, not the limit, ends it.
          if (document.length <= MAX_TEXT) lineEnds.push(words.length);
          text = undefined;
          return true;
        }
        position = wordOrLineEnd.lastIndex;
        if (word[0] === '\n' || word[0] === '\r') lineEnds.push(words.length);
        else add(word);
      }
      if (isTimeUp()) return false;
    }
    return true;
  }

  /** The score of each window by its first line, in one walk: each word enters once and leaves once. */
  function scores(query: ReadonlySet<string>): Float64Array {
    const wanted = new Uint8Array(numbers.size);
    for (const word of query) {
      const number = numbers.get(word);
      if (number !== undefined) wanted[number] = 1;
    }
    const counts = new Uint32Array(numbers.size);
    const result = new Float64Array(Math.max(lineEnds.length - WINDOW_LINES, 0) + 1);
    let distinct = 0;
    let shared = 0;
    const count = (line: number, change: 1 | -1): void => {
      for (let at = lineEnds[line - 1] ?? 0; at < (lineEnds[line] ?? 0); at++) {
        const word = words[at] ?? 0;
        const before = counts[word] ?? 0;
        counts[word] = before + change;
        if (before === 0 || before + change === 0) {
          distinct += change;
          shared += change * (wanted[word] ?? 0);
        }
      }
    };
    for (let line = 0; line < Math.min(WINDOW_LINES, lineEnds.length); line++) count(line, 1);
    for (let first = 0; first < result.length; first++) {
      result[first] = shared / Math.max(distinct + query.size - shared, 1);
      count(first, -1);
      if (first + WINDOW_LINES < lineEnds.length) count(first + WINDOW_LINES, 1);
    }
    return result;
  }

  function best(query: ReadonlySet<string>, count: number): WindowMatch[] {
    const all = scores(query);
    const matches: WindowMatch[] = [];
    while (matches.length < count) {
      let startLine = -1;
      for (let line = 0; line < all.length; line++) {
        if ((all[line] ?? 0) > (all[startLine] ?? 0) && !matches.some((other) => overlaps(other, line)))
          startLine = line;
      }
      if (startLine === -1) break;
      const endLine = Math.min(startLine + WINDOW_LINES, lineEnds.length);
      matches.push({ startLine, endLine, score: all[startLine] ?? 0 });
    }
    return matches;
  }

  return { advance, best };
}

function overlaps(match: WindowMatch, startLine: number): boolean {
  return startLine < match.endLine && startLine + WINDOW_LINES > match.startLine;
}
