/**
 * What the engine is asked: the words before a cursor, what has been typed of the next one, and what
 * follows. Built once for each request; everything after it works on numbers.
 */
import { classOf, OPERATOR, WORD } from './characters.ts';
import { BLANK, indentationOf, isHalfOperator, LEARNT_OF_LINE, lexLine, newlineWord } from './lexer.ts';
import type { LineSource, OpenDocument } from './open-document.ts';
import { TokenBuffer } from './token-buffer.ts';
import { FILE_END, type Vocabulary } from './vocabulary.ts';

/** Tokens before the cursor that a match is compared with. */
export const CONTEXT_TOKENS = 48;

/** A place in an open document. */
export interface Cursor {
  readonly document: OpenDocument;
  readonly lines: LineSource;
  readonly line: number;
  /** UTF-16 units from the start of the line. */
  readonly character: number;
}

export interface CursorQuery extends Cursor {
  /** The line up to the cursor, and from it on. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
  /** The words before the cursor, the nearest first; the word being typed is not among them. */
  readonly context: readonly number[];
  /** The tokens of the line before the cursor, its line break first; without the word being typed. */
  readonly typed: Uint32Array;
  /** What is typed of the word or operator at the cursor; empty when the cursor is behind neither. */
  readonly partial: string;
  /** Whether white space was typed before the cursor, which the next token must then allow. */
  readonly isSpaced: boolean;
  /** Whether nothing but white space stands before the cursor and the word being typed. */
  readonly isLineStart: boolean;
  /** The tokens of the line after the cursor. */
  readonly following: Uint32Array;
  /** The next line that is not blank, or undefined. */
  readonly lineBelow: string | undefined;
  /** The last line above that is not blank, or undefined. */
  readonly lineAbove: string | undefined;
  /** Index in the document of the first token below the cursor's line. */
  readonly below: number;
}

/** Reads the surroundings of a cursor. New words on its line are added to the vocabulary. */
export function readCursor(cursor: Cursor, vocabulary: Vocabulary): CursorQuery {
  const { document, lines, line, character } = cursor;
  const text = lines.lineAt(line);
  const linePrefix = text.slice(0, character);
  const lineSuffix = text.slice(character);
  const wordStart = startOfLastToken(linePrefix);
  const partial = linePrefix.slice(wordStart);
  const before = indentationOf(linePrefix, 0, wordStart);
  const isLineStart = before === BLANK;
  const columns = isLineStart ? indentationOf(`${linePrefix.slice(0, wordStart)}|`, 0, wordStart + 1) : before;
  const typed = new TokenBuffer(32);
  typed.push(newlineWord(columns, document.columnsBefore(line)) * 2);
  lexLine(linePrefix, 0, wordStart, vocabulary, typed);
  const following = new TokenBuffer(16);
  lexLine(lineSuffix, 0, Math.min(lineSuffix.length, LEARNT_OF_LINE), vocabulary, following);
  return {
    ...cursor,
    linePrefix,
    lineSuffix,
    context: contextOf(document, line, typed),
    typed: typed.ids.subarray(0, typed.length),
    partial,
    isSpaced: partial === '' && !isLineStart && endsWithSpace(linePrefix),
    isLineStart,
    following: following.ids.subarray(0, following.length),
    lineBelow: nearestLine(lines, line, 1),
    lineAbove: nearestLine(lines, line, -1),
    below: document.startOf(line + 1),
  };
}

/** Where the word or the half operator before the cursor begins; the cursor itself when there is neither. */
function startOfLastToken(text: string): number {
  let start = text.length;
  while (start > 0 && classOf(text.charCodeAt(start - 1)) === WORD) start--;
  if (start < text.length) return start;
  while (start > 0 && classOf(text.charCodeAt(start - 1)) === OPERATOR) start--;
  while (start < text.length && !isHalfOperator(text.slice(start))) start++;
  return start;
}

function endsWithSpace(text: string): boolean {
  return text.length > 0 && text.trimEnd().length < text.length;
}

function contextOf(document: OpenDocument, line: number, typed: TokenBuffer): number[] {
  const context: number[] = [];
  for (let index = typed.length - 1; index >= 0 && context.length < CONTEXT_TOKENS; index--) {
    context.push((typed.ids[index] as number) >>> 1);
  }
  for (let index = document.startOf(line) - 1; context.length < CONTEXT_TOKENS; index--) {
    const word = (document.ids[index] as number) >>> 1;
    context.push(word);
    if (word === FILE_END) break;
  }
  return context;
}

/** Blank lines looked over in search of a line with text. */
const FARTHEST_LINE = 50;

function nearestLine(lines: LineSource, from: number, step: 1 | -1): string | undefined {
  for (let distance = 1; distance <= FARTHEST_LINE; distance++) {
    const line = from + step * distance;
    if (line < 0 || line >= lines.lineCount) return undefined;
    const text = lines.lineAt(line).trim();
    if (text !== '') return text;
  }
  return undefined;
}
