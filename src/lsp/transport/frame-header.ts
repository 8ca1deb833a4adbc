/** The header of one LSP frame, as bytes: where one begins and which length it announces. It keeps no state, so that the decoder holds nothing else. */

/** Longest header block accepted, in bytes. Real ones take 20 to 90. */
export const MAX_HEADER_BYTES = 4096;

const NAME = Buffer.from('content-length:', 'latin1');
/** The part of the name that every client spells alike; seven bytes are enough for the native skip search. */
const SEARCHED_PART = 'ontent-';
const MAX_SPACES = 8;
const MAX_DIGITS = 10;
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
 */
export function findHeaderLine(bytes: Buffer, from: number): HeaderLine | undefined {
  for (let found = bytes.indexOf(SEARCHED_PART, from + 1); found > 0; found = bytes.indexOf(SEARCHED_PART, found + 1)) {
    const state = matchHeaderLine(bytes, found - 1);
    if (state !== 'none') return { at: found - 1, state };
  }
  for (let at = Math.max(from, bytes.length - SEARCHED_PART.length); at < bytes.length; at++) {
    if (matchHeaderLine(bytes, at) === 'partial') return { at, state: 'partial' };
  }
  return undefined;
}

function matchHeaderLine(bytes: Buffer, start: number): HeaderLine['state'] | 'none' {
  let at = start;
  for (const expected of NAME) {
    const byte = bytes[at++];
    if (byte === undefined) return 'partial';
    if (byte !== expected && (byte | LOWER_CASE) !== expected) return 'none';
  }
  at += countWhile(bytes, at, MAX_SPACES, isBlank);
  const digits = countWhile(bytes, at, MAX_DIGITS, isDigit);
  at += digits;
  if (at === bytes.length) return 'partial';
  if (digits === 0 || bytes[at] !== CARRIAGE_RETURN) return 'none';
  if (at + 1 === bytes.length) return 'partial';
  return bytes[at + 1] === LINE_FEED ? 'complete' : 'none';
}

function countWhile(bytes: Buffer, from: number, limit: number, accept: (byte: number) => boolean): number {
  let count = 0;
  for (let byte = bytes[from]; byte !== undefined && count < limit && accept(byte); byte = bytes[from + count]) count++;
  return count;
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;
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
