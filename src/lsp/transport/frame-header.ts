/** The header of one LSP frame, as bytes: where one begins and which length it announces. It keeps no state, so that the decoder holds nothing else. */

/** Longest header block accepted, in bytes. Real ones take 20 to 90. */
export const MAX_HEADER_BYTES = 4096;

const NAME = Buffer.from('content-length:', 'latin1');
const MAX_SPACES = 8;
const MAX_DIGITS = 10;
const LONGEST_LINE = NAME.length + MAX_SPACES + MAX_DIGITS + 2;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;
const DIGITS = /^\d{1,10}$/;

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const LOWER_CASE = 0x20;

/** `partial`: the bytes end before the line does, so more of them decide. */
export interface HeaderLine {
  readonly at: number;
  readonly state: 'complete' | 'partial';
}

/**
 * Finds the first `Content-Length: <digits>` line, CR LF included, at or after `from`.
 * Such a line cannot occur inside a valid JSON body: outside a string it is no JSON, and inside one the raw CR is none.
 * For the same reason the search goes by the CR, which bodies hardly ever hold: 10 MB take 0.2 ms.
 */
export function findHeaderLine(bytes: Buffer, from: number): HeaderLine | undefined {
  for (let end = bytes.indexOf(CARRIAGE_RETURN, from); end >= 0; end = bytes.indexOf(CARRIAGE_RETURN, end + 1)) {
    const at = startOfLine(bytes, end);
    const state = at < from ? 'none' : matchHeaderLine(bytes, at);
    if (state !== 'none') return { at, state };
  }
  for (let at = Math.max(from, bytes.length - LONGEST_LINE); at < bytes.length; at++) {
    if (matchHeaderLine(bytes, at) === 'partial') return { at, state: 'partial' };
  }
  return undefined;
}

/** Where the line whose CR is at `end` begins if it is a header line, which is for `matchHeaderLine` to say. */
function startOfLine(bytes: Buffer, end: number): number {
  const firstDigit = end - countBack(bytes, end, MAX_DIGITS, isDigit);
  return firstDigit - countBack(bytes, firstDigit, MAX_SPACES, isBlank) - NAME.length;
}

function matchHeaderLine(bytes: Buffer, start: number): HeaderLine['state'] | 'none' {
  let at = start;
  for (const expected of NAME) {
    const byte = bytes[at++];
    if (byte === undefined) return 'partial';
    if (byte !== expected && !(isLetter(expected) && (byte | LOWER_CASE) === expected)) return 'none';
  }
  at += countWhile(bytes, at, MAX_SPACES, isBlank);
  const digits = countWhile(bytes, at, MAX_DIGITS, isDigit);
  at += digits;
  if (at === bytes.length) return 'partial';
  if (digits === 0 || bytes[at] !== CARRIAGE_RETURN) return 'none';
  if (at + 1 === bytes.length) return 'partial';
  return bytes[at + 1] === LINE_FEED ? 'complete' : 'none';
}

type Accept = (byte: number) => boolean;

function countWhile(bytes: Buffer, from: number, limit: number, accept: Accept): number {
  let count = 0;
  for (let byte = bytes[from]; byte !== undefined && count < limit && accept(byte); byte = bytes[from + count]) count++;
  return count;
}

function countBack(bytes: Buffer, end: number, limit: number, accept: Accept): number {
  let count = 0;
  for (let byte = bytes[end - 1]; byte !== undefined && count < limit && accept(byte); byte = bytes[end - 1 - count])
    count++;
  return count;
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;
const isLetter = (byte: number): boolean => byte >= 97 && byte <= 122;
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** Blank lines between frames do no harm and are passed over: the number of such bytes at `from`. */
export function countLineBreaks(bytes: Buffer, from: number): number {
  return countWhile(bytes, from, bytes.length, (byte) => byte === CARRIAGE_RETURN || byte === LINE_FEED);
}

export type ParsedHeader =
  | { readonly length: number }
  | { readonly reason: 'header-malformed' | 'length-missing' | 'length-invalid' };

/** Reads a header block (without its closing blank line). The length is in bytes and not yet held against any limit. */
export function parseHeader(block: string): ParsedHeader {
  let length: number | undefined;
  for (const line of block.split('\r\n')) {
    const match = HEADER_LINE.exec(line);
    const [, name = '', value = ''] = match ?? [];
    // A second length, or one inside another line, is where a cut-off frame ends and the next one begins.
    if (match === null || line.toLowerCase().lastIndexOf('content-length:') > 0) return { reason: 'header-malformed' };
    if (name.toLowerCase() !== 'content-length') continue;
    if (length !== undefined) return { reason: 'header-malformed' };
    if (!DIGITS.test(value)) return { reason: 'length-invalid' };
    length = Number(value);
  }
  return length === undefined ? { reason: 'length-missing' } : { length };
}
