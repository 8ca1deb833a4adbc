/** What a completion is cut to: the lines around the cursor, and whether one line or a block is wanted there. */
import type { DocumentSnapshot } from '../domain/text.ts';

export interface Surroundings {
  /** The cursor's line up to the cursor. */
  readonly linePrefix: string;
  /** Text before the cursor's line, to learn how the document indents. */
  readonly above: string;
  /** The lines after the cursor's line. */
  readonly below: readonly string[];
  readonly shape: 'line' | 'block';
  readonly maxLines: number;
}

/** Lines below the cursor are compared, not shown; what lies beyond cannot decide (UTF-16 code units). */
const LONGEST_LINE = 1_000;
const ABOVE = 4_096;

/** One line where text follows the cursor or the line has begun; a block on an empty line or behind what opens one. */
export function surroundings(document: DocumentSnapshot, offset: number, maxLines: number): Surroundings {
  const { text } = document;
  const { line } = text.positionAt(offset);
  const start = text.lineStart(line);
  const linePrefix = text.slice(start, offset);
  const restOfLine = lineFrom(document, offset);
  const begun = linePrefix.slice(-LONGEST_LINE);
  const opensBlock = linePrefix.trim() === '' || /[{([:>]\s*$|\b(?:do|then|else|begin)\s*$/.test(begun);
  // A bracket that the editor closed by itself: the block goes between the two.
  const betweenBrackets = /[{[]\s*$/.test(begun) && /^\s*[}\]][\s)\]};,]*$/.test(restOfLine);
  const below: string[] = [];
  for (let next = line + 1; next < text.lineCount && below.length < maxLines * 2; next += 1) {
    below.push(lineFrom(document, text.lineStart(next)));
  }
  return {
    linePrefix,
    above: text.slice(Math.max(0, start - ABOVE), start),
    below,
    shape: ((restOfLine.trim() === '' && opensBlock) || betweenBrackets) && maxLines > 1 ? 'block' : 'line',
    maxLines,
  };
}

/** The text from `offset` to the end of its line, without reading all of a line of megabytes. */
export function lineFrom({ text }: DocumentSnapshot, offset: number): string {
  return upTo(upTo(text.slice(offset, offset + LONGEST_LINE), '\n'), '\r');
}

function upTo(text: string, end: string): string {
  const at = text.indexOf(end);
  return at === -1 ? text : text.slice(0, at);
}
