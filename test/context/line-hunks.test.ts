import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineHunks } from '../../src/context/line-hunks.ts';
import type { AppliedEdit } from '../../src/domain/text.ts';
import { TextBuffer } from '../../src/util/text-buffer.ts';

function hunksOf(text: string, ...edits: AppliedEdit[]) {
  const before = TextBuffer.from(text);
  let after = before;
  for (const { start, end, text: inserted } of edits) after = after.edit(start, end, inserted);
  return { before, after, hunks: lineHunks(before, after, edits) };
}

test.each([
  ['a letter', [{ start: 3, end: 3, text: 'x' }], [[1, 2, 1, 2]]],
  ['a new line', [{ start: 3, end: 3, text: '\nx' }], [[1, 2, 1, 3]]],
  ['a line that goes', [{ start: 2, end: 4, text: '' }], [[1, 3, 1, 2]]],
  [
    'two places, from the end as editors do',
    [
      { start: 8, end: 9, text: 'Z' },
      { start: 0, end: 1, text: 'A\nA' },
    ],
    [
      [0, 1, 0, 2],
      [4, 5, 5, 6],
    ],
  ],
  [
    'two places, from the beginning',
    [
      { start: 0, end: 1, text: 'A\nA' },
      { start: 10, end: 11, text: 'Z' },
    ],
    [
      [0, 1, 0, 2],
      [4, 5, 5, 6],
    ],
  ],
  [
    'twice in one line',
    [
      { start: 2, end: 2, text: 'x' },
      { start: 4, end: 4, text: 'y' },
    ],
    [[1, 2, 1, 2]],
  ],
] satisfies [string, AppliedEdit[], number[][]][])('%s', (_name, edits, expected) => {
  const { hunks } = hunksOf('a\nb\nc\nd\ne', ...edits);
  expect(hunks?.map(({ oldStart, oldEnd, newStart, newEnd }) => [oldStart, oldEnd, newStart, newEnd])).toEqual(
    expected,
  );
});

test('line ends that only two edits together make cannot be told', () => {
  expect(hunksOf('a\r', { start: 2, end: 2, text: '\n' }).hunks).toBeUndefined();
});

test('any edits: the lines outside the hunks are the same before and after', () => {
  const edit = fc.record({
    at: fc.nat(),
    length: fc.nat(12),
    text: fc.constantFrom('', 'x', '\n', 'xy\nz', '\r\n', '\r', 'a\nb\nc\n'),
  });
  const part = fc.constantFrom('a', 'bc', '\n', '\n', '\r\n', '\r');
  const property = fc.property(fc.array(part, { maxLength: 60 }), fc.array(edit, { maxLength: 8 }), (parts, wanted) => {
    const before = TextBuffer.from(parts.join(''));
    let after = before;
    const edits: AppliedEdit[] = [];
    for (const { at, length, text } of wanted) {
      const start = after.offsetAt(after.positionAt(at % (after.length + 1)));
      const end = after.offsetAt(after.positionAt(Math.min(start + length, after.length)));
      edits.push({ start, end: Math.max(start, end), text });
      after = after.edit(start, Math.max(start, end), text);
    }
    const hunks = lineHunks(before, after, edits);
    if (hunks === undefined) return;
    const rest = (text: TextBuffer, ranges: readonly (readonly [number, number])[]) =>
      Array.from({ length: text.lineCount }, (_, line) => line)
        .filter((line) => !ranges.some(([start, end]) => line >= start && line < end))
        .map((line) => text.lineAt(line));
    expect(
      rest(
        before,
        hunks.map(({ oldStart, oldEnd }) => [oldStart, oldEnd]),
      ),
    ).toEqual(
      rest(
        after,
        hunks.map(({ newStart, newEnd }) => [newStart, newEnd]),
      ),
    );
  });
  fc.assert(property, { seed: 20_261_120, numRuns: 2_000 });
});
