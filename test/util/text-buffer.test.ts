import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { TextSnapshot } from '../../src/domain/text.ts';
import { TextBuffer } from '../../src/util/text-buffer.ts';

const SEED = 20_261_120;
const HOSTILE = ['a', 'bc de', '\n', '\r\n', '\r', '\u2028', '\u{1f600}', '\ud83d', '\ude00', 'é', '中', '\t', '\0'];
const fragment = fc.array(fc.constantFrom(...HOSTILE), { maxLength: 8 }).map((parts) => parts.join(''));

/** The same answers by splitting the whole text: slow and plainly right. */
function model(text: string) {
  const ends = [...text.matchAll(/\r\n|\n|\r/g)].map((match) => ({
    from: match.index,
    to: match.index + match[0].length,
  }));
  const starts = [0, ...ends.map(({ to }) => to)];
  const stops = [...ends.map(({ from }) => from), text.length];
  return {
    lineCount: starts.length,
    lineStart: (line: number) => starts[line],
    lineAt: (line: number) => text.slice(starts[line], stops[line]),
    positionAt(offset: number) {
      const before = text.slice(0, offset);
      const snapped = /^[\ud800-\udbff][\udc00-\udfff]|^\r\n/.test(text.slice(Math.max(offset - 1, 0)));
      const at = snapped && offset > 0 ? before.length - 1 : before.length;
      const line = starts.findLastIndex((start) => start <= at);
      return { line, character: at - (starts[line] ?? 0) };
    },
  };
}

test('is a TextSnapshot', () => {
  expectTypeOf<TextBuffer>().toExtend<TextSnapshot>();
});

describe('random edits', () => {
  test('10,000 edits across chunks give the text that string slicing gives', { timeout: 60_000 }, () => {
    const offset = fc.integer({ min: -5, max: 90_000 });
    const edit = fc.record({
      start: offset,
      span: fc.integer({ min: -3, max: 40_000 }),
      cut: fc.boolean(),
      text: fragment,
    });
    const start = fc.tuple(fragment, fc.integer({ min: 0, max: 12_000 })).map(([part, times]) => part.repeat(times));
    const property = fc.property(start, fc.array(edit, { minLength: 100, maxLength: 100 }), (initial, edits) => {
      let text = initial;
      let buffer = TextBuffer.from(initial);
      for (const { start, span, cut, text: inserted } of edits) {
        // Most edits are small, so that the text stays long enough to have many chunks.
        const end = start + (cut ? Math.trunc(span / 8) : Math.min(span, 2));
        buffer = buffer.edit(start, end, cut ? inserted.repeat(500) : inserted);
        const from = Math.min(Math.max(start, 0), text.length);
        const to = Math.min(Math.max(end, from), text.length);
        text = text.slice(0, from) + (cut ? inserted.repeat(500) : inserted) + text.slice(to);
        if (buffer.toString() !== text) return false;
      }
      const lines = model(text);
      expect(buffer.length).toBe(text.length);
      expect(buffer.lineCount).toBe(lines.lineCount);
      for (let line = 0; line < lines.lineCount; line += 97) {
        expect(buffer.lineStart(line)).toBe(lines.lineStart(line));
        expect(buffer.lineAt(line)).toBe(lines.lineAt(line));
      }
      return true;
    });
    fc.assert(property, { seed: SEED, numRuns: 100 });
  });

  test('places and offsets agree with the model at every offset of a small text', () => {
    const property = fc.property(fragment, fragment, (left, right) => {
      const text = left + right;
      const lines = model(text);
      const buffer = TextBuffer.from(left).edit(left.length, left.length, right);
      for (let offset = 0; offset <= text.length; offset++) {
        const position = buffer.positionAt(offset);
        expect(position).toEqual(lines.positionAt(offset));
        expect(buffer.positionAt(buffer.offsetAt(position))).toEqual(position);
        expect(buffer.slice(0, offset) + buffer.slice(offset)).toBe(text);
      }
    });
    fc.assert(property, { seed: SEED, numRuns: 2_000 });
  });
});

describe('what is out of range', () => {
  const buffer = TextBuffer.from('ab\r\nc\u{1f600}d\r');

  test.each([
    [{ line: -1, character: 5 }, 0],
    [{ line: 0, character: -7 }, 0],
    [{ line: 0, character: 99 }, 2],
    [{ line: 1, character: 2 }, 5],
    [{ line: 2, character: 3 }, 9],
    [{ line: 2 ** 31, character: 0 }, 9],
    [{ line: Number.NaN, character: Number.NaN }, 0],
    [{ line: 0, character: Number.POSITIVE_INFINITY }, 2],
  ])('%j is offset %i', (position, offset) => {
    expect(buffer.offsetAt(position)).toBe(offset);
  });

  test('lines there are not are empty and begin at the nearest end', () => {
    expect([buffer.lineAt(-1), buffer.lineAt(3)]).toEqual(['', '']);
    expect([buffer.lineStart(-1), buffer.lineStart(3)]).toEqual([0, buffer.length]);
  });
});

test('an edit leaves the buffer it was made from as it was', () => {
  const before = TextBuffer.from('x'.repeat(100_000));
  before.edit(50_000, 50_001, '\n');
  expect([before.lineCount, before.length]).toEqual([1, 100_000]);
});

test('10 MB on one line take edits anywhere', () => {
  let buffer = TextBuffer.from('0123456789abcdef'.repeat(655_360));
  for (let index = 0; index < 20; index++) {
    const at = index * 500_000;
    buffer = buffer.edit(at, at + 1, '\n');
    expect(buffer.positionAt(at + 1)).toEqual({ line: index + 1, character: 0 });
  }
  expect(buffer.length).toBe(10_485_760);
  expect(buffer.lineCount).toBe(21);
});

test.each([0, 1, 2])('a \\r and a \\n that meet anywhere become one line end (shifted by %i)', (shift) => {
  const count = 15_000;
  let buffer = TextBuffer.from('z'.repeat(shift) + '\ry\n'.repeat(count));
  expect(buffer.lineCount).toBe(2 * count + 1);
  for (let index = count - 1; index >= 0; index--) {
    const at = shift + 3 * index + 1;
    buffer = buffer.edit(at, at + 1, '');
    if (buffer.lineCount !== count + index + 1) throw new Error(`${buffer.lineCount} lines after ${at}`);
  }
  expect(buffer.positionAt(shift + 2 * count)).toEqual({ line: count, character: 0 });
});
