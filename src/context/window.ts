/** Cuts the text around a cursor by bytes of UTF-8: at a line where it can, never inside a character. */
import type { TextSnapshot } from '../domain/text.ts';

/** A stretch of a document that holds everything that may be shown of it, and the cursor in it. Line ends are the document's. */
export interface TextAround {
  readonly text: string;
  readonly cursor: number;
  readonly beginsDocument: boolean;
  readonly endsDocument: boolean;
}

/** About `2 × units` code units at most, however big the document. */
export function textAround(document: TextSnapshot, offset: number, units: number): TextAround {
  const start = document.offsetAt(document.positionAt(offset - units));
  const end = document.offsetAt(document.positionAt(offset + units));
  return {
    text: document.slice(start, end),
    cursor: offset - start,
    beginsDocument: start === 0,
    endsDocument: end === document.length,
  };
}

/** Where the prefix begins: at the first line that fits whole, or inside a line where that would leave nothing to read. */
export function prefixStart({ text, cursor, beginsDocument }: TextAround, bytes: number): number {
  const at = reachBack(text, cursor, bytes);
  if ((at === 0 && beginsDocument) || isLineStart(text, at)) return at;
  for (let line = at + 1; line <= cursor; line++) {
    if (isLineStart(text, line)) return text.slice(line, cursor).trim() === '' ? at : line;
  }
  return at;
}

/** Where the suffix ends: behind the last line that fits whole, or inside the cursor's line. */
export function suffixEnd({ text, cursor, endsDocument }: TextAround, bytes: number): number {
  const at = reachForward(text, cursor, bytes);
  if ((at === text.length && endsDocument) || isLineStart(text, at)) return at;
  for (let line = at - 1; line > cursor; line--) if (isLineStart(text, line)) return line;
  return at;
}

function reachBack(text: string, cursor: number, bytes: number): number {
  let at = Math.max(cursor - bytes, 0);
  if (isByteForUnit(text.slice(at, cursor)) && !isUnitAt(text, at - 1)) return at;
  at = cursor;
  for (let room = bytes; at > 0; ) {
    const step = isUnitAt(text, at - 2) ? 2 : 1;
    room -= byteCost(text, at - step);
    if (room < 0) break;
    at -= step;
  }
  return at;
}

function reachForward(text: string, cursor: number, bytes: number): number {
  let at = Math.min(cursor + bytes, text.length);
  if (isByteForUnit(text.slice(cursor, at))) return at;
  at = cursor;
  for (let room = bytes; at < text.length; ) {
    room -= byteCost(text, at);
    if (room < 0) break;
    at += isUnitAt(text, at) ? 2 : 1;
  }
  return at;
}

/** True of nearly all code, and then nothing has to be counted. */
function isByteForUnit(text: string): boolean {
  return Buffer.byteLength(text) === text.length && !text.includes('\r');
}

/** Line ends as models know them. */
export function toLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** Bytes of UTF-8 of the character that begins here, with line ends as `\n`. Half a surrogate pair becomes U+FFFD. */
function byteCost(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return isPairAt(text, at) ? 4 : 3;
}

/** Two code units that are one to the reader. */
function isUnitAt(text: string, at: number): boolean {
  return isPairAt(text, at) || (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10);
}

function isPairAt(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

/** Directly behind a line end. The beginning of the text is no line start: it may lie in the middle of a document's line. */
function isLineStart(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before === 10 || (before === 13 && text.charCodeAt(at) !== 10);
}
