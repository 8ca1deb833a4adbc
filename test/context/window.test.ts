import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixStart, suffixEnd, textAround, toLineFeeds } from '../../src/context/window.ts';
import { TextBuffer } from '../../src/util/text-buffer.ts';
import { CURSOR, parseCursor } from '../support/cursor.ts';

const SEED = 20_261_120;

/** The text around the cursor that fits into so many bytes on either side, with `█` where the cursor is. */
function cut(marked: string, prefixBytes: number, suffixBytes: number, units = 10_000): string {
  const { text, offset } = parseCursor(marked);
  const around = textAround(TextBuffer.from(text), offset, units);
  const start = prefixStart(around, prefixBytes);
  const end = suffixEnd(around, suffixBytes);
  return around.text.slice(start, around.cursor) + CURSOR + around.text.slice(around.cursor, end);
}

test.each([
  ['everything fits', 'one\ntw█o\nthree', 100, 100, 'one\ntw█o\nthree'],
  ['exactly everything', 'one\ntw█o\nthree', 6, 7, 'one\ntw█o\nthree'],
  ['a byte too few before', 'one\ntw█o\nthree', 5, 100, 'tw█o\nthree'],
  ['a byte too few after', 'one\ntw█o\nthree', 100, 6, 'one\ntw█o\n'],
  ['nothing', 'one\ntw█o\nthree', 0, 0, '█'],
  ['the cursor line does not fit before', 'one\nabcdef█\n', 3, 0, 'def█'],
  ['the cursor line does not fit after', '█abcdef\nx', 0, 3, '█abc'],
  ['a blank line alone says nothing', 'abcdef\n  █', 6, 0, 'def\n  █'],
  ['a pair is never halved before', 'x\u{1f600}█', 3, 0, '█'],
  ['a pair is never halved after', '█\u{1f600}x', 0, 3, '█'],
  ['a pair that fits', 'x\u{1f600}█\u{1f600}', 4, 4, '\u{1f600}█\u{1f600}'],
  ['two bytes a letter', 'ééé█ééé', 3, 5, 'é█éé'],
  ['CRLF counts as one byte', 'a\r\nb█\r\nc', 3, 2, 'a\r\nb█\r\nc'],
  ['CRLF is never halved', 'a\r\nb█\r\nc', 2, 1, 'b█\r\n'],
  ['a lone return ends a line', 'aaaa\rb█\rc', 3, 1, 'b█\r'],
  ['U+2028 ends none', 'a\u2028b█', 2, 0, 'b█'],
])('%s', (_name, marked, prefixBytes, suffixBytes, expected) => {
  expect(cut(marked, prefixBytes, suffixBytes)).toBe(expected);
});

test('a line of 10 MB is cut around the cursor', () => {
  const half = '0123456789'.repeat(524_288);
  expect(cut(`${half}█${half}`, 8, 4, 100)).toBe('23456789█0123');
});

describe('any text, any budget', () => {
  const parts = ['a', 'b c', '\n', '\r\n', '\r', '\u2028', '\u{1f600}', 'é', '中'];
  const text = fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((chosen) => chosen.join(''));
  const size = fc.integer({ min: 0, max: 60 });

  test('stays within its bytes, keeps characters and line ends whole, and touches the cursor', () => {
    const property = fc.property(text, text, size, size, size, (before, after, prefixBytes, suffixBytes, units) => {
      fc.pre(!(before.endsWith('\r') && after.startsWith('\n')));
      const shown = cut(`${before}█${after}`, prefixBytes, suffixBytes, units + 1);
      const [prefix = '', suffix = ''] = shown.split(CURSOR);
      expect(before.endsWith(prefix) && after.startsWith(suffix)).toBe(true);
      expect(Buffer.byteLength(toLineFeeds(prefix))).toBeLessThanOrEqual(prefixBytes);
      expect(Buffer.byteLength(toLineFeeds(suffix))).toBeLessThanOrEqual(suffixBytes);
      expect(isWellFormed(prefix) && isWellFormed(suffix)).toBe(true);
      expect(prefix.startsWith('\n') && before.at(-prefix.length - 1) === '\r').toBe(false);
      expect(suffix.endsWith('\r') && after[suffix.length] === '\n').toBe(false);
    });
    fc.assert(property, { seed: SEED, numRuns: 5_000 });
  });
});

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}
