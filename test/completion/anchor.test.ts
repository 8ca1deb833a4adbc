import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anchorAt, typedSince } from '../../src/completion/anchor.ts';
import { markedDocument } from '../support/cursor.ts';

function typed(before: string, after: string): string | undefined {
  const then = markedDocument(before);
  const now = markedDocument(after, 2);
  return typedSince(anchorAt(then.document, then.offset), now.document, now.offset);
}

test.each([
  ['nothing', 'a = █;', 'a = █;', ''],
  ['some characters', 'a = █;', 'a = fo█;', 'fo'],
  ['a line break in a file with CRLF', 'a█', 'a\r\n█', '\n'],
  ['a bracket that the editor closed', 'f█', 'f(█)', '('],
  ['a cursor that moved back', 'ab█', 'a█b', undefined],
  ['a change before the place', 'a = █', 'b = f█', undefined],
  ['a change after the place', 'a = █;\nb', 'a = f█;\nc', undefined],
  ['more than typing after the place', 'f█', 'f(█ab', undefined],
  ['more brackets than an editor closes by itself', 'f█', 'f(█))))', undefined],
])('%s', (_name, before, after, expected) => {
  expect(typed(before, after)).toBe(expected);
});

test('whatever is typed at the place, and nothing else, is found again', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !/[\r█]/.test(value));
  fc.assert(
    fc.property(text, text, text, (before, after, inserted) => {
      expect(typed(`${before}█${after}`, `${before}${inserted}█${after}`)).toBe(inserted);
    }),
    { seed: 11, numRuns: 1_000 },
  );
});
