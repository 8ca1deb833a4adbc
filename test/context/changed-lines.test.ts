import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChangedLines, type ChangeLimits, withHunk } from '../../src/context/changed-lines.ts';
import { lineHunks } from '../../src/context/line-hunks.ts';
import type { AppliedEdit } from '../../src/domain/text.ts';
import { TextBuffer } from '../../src/util/text-buffer.ts';

const boundless: ChangeLimits = { lines: 10_000, units: 1_000_000 };

function record(
  changes: readonly ChangedLines[],
  before: TextBuffer,
  after: TextBuffer,
  edits: readonly AppliedEdit[],
  at = 0,
  limits = boundless,
): readonly ChangedLines[] {
  let moved = 0;
  let recorded = changes;
  for (const hunk of lineHunks(before, after, edits) ?? []) {
    recorded = withHunk(recorded, hunk, { old: before, moved, at, limits });
    moved += hunk.newEnd - hunk.newStart - (hunk.oldEnd - hunk.oldStart);
  }
  return recorded;
}

/** Each step replaces lines by lines: first line, how many, by what. */
function changed(text: string, steps: readonly (readonly [number, number, string])[], limits = boundless) {
  let buffer = TextBuffer.from(text);
  let changes: readonly ChangedLines[] = [];
  for (const [index, [line, count, lines]] of steps.entries()) {
    const edit = { start: buffer.lineStart(line), end: buffer.lineStart(line + count), text: lines };
    const after = buffer.edit(edit.start, edit.end, edit.text);
    changes = record(changes, buffer, after, [edit], index, limits);
    buffer = after;
  }
  return changes;
}

const text = 'a\nb\nc\nd\ne\nf\ng\nh\n';

test('an edit far from another is one of its own, and moves what lies behind it', () => {
  expect(
    changed(text, [
      [6, 1, 'G\n'],
      [0, 1, 'A\nA\n'],
    ]),
  ).toMatchObject([
    { start: 0, end: 3, before: ['a', 'b'], at: 1 },
    { start: 7, end: 9, before: ['g', 'h'], at: 0 },
  ]);
});

test('edits with at most one line between them are one, with the first text as what was before', () => {
  expect(
    changed(text, [
      [1, 1, 'B\n'],
      [1, 1, 'BB\n'],
      [4, 1, 'E\n'],
    ]),
  ).toMatchObject([{ start: 1, end: 6, before: ['b', 'c', 'd', 'e', 'f'], at: 2 }]);
});

test('what grows beyond the limit begins anew with the last edit', () => {
  const limits = { lines: 4, units: 1_000 };
  expect(
    changed(
      text,
      [
        [1, 1, 'B\n'],
        [2, 0, 'x\n'],
        [3, 0, 'y\n'],
        [4, 0, 'z\n'],
      ],
      limits,
    ),
  ).toMatchObject([{ start: 4, end: 6, before: ['c'] }]);
});

test.each([
  ['many lines', [0, 0, 'x\n'.repeat(20)]],
  ['long lines that go', [0, 1, '']],
] as const)('%s are not kept', (_name, step) => {
  expect(changed(`${'long '.repeat(100)}\n${text}`, [step], { lines: 10, units: 100 })).toEqual([]);
});

test('beside a private key everything is secret, also when the key is deleted line by line', () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQ\n'.repeat(20)}-----END PRIVATE KEY-----\n`;
  const steps = Array.from({ length: 21 }, () => [1, 1, ''] as const);
  const changes = changed(`a\n${key}`, steps, { lines: 10, units: 1_000 });
  expect(changes.map(({ secret }) => secret)).toEqual([true]);
});

test('any edits: putting back what was before gives the text of the beginning', () => {
  const edit = fc.record({ at: fc.nat(), length: fc.nat(9), text: fc.constantFrom('', 'x', '\n', 'xy\nz', 'q\nr\n') });
  const batch = fc.array(edit, { minLength: 1, maxLength: 4 });
  const start = fc.array(fc.constantFrom('a', 'bc', '\n', '\n', '\n'), { maxLength: 60 });
  const property = fc.property(start, fc.array(batch, { maxLength: 8 }), (parts, batches) => {
    const original = TextBuffer.from(parts.join(''));
    let current = original;
    let changes: readonly ChangedLines[] = [];
    for (const wanted of batches) {
      let after = current;
      const edits: AppliedEdit[] = [];
      for (const { at, length, text: inserted } of wanted) {
        const from = at % (after.length + 1);
        const to = Math.min(from + length, after.length);
        edits.push({ start: from, end: to, text: inserted });
        after = after.edit(from, to, inserted);
      }
      changes = record(changes, current, after, edits);
      current = after;
    }
    const lines = current.toString().split('\n');
    for (const change of changes.toReversed()) lines.splice(change.start, change.end - change.start, ...change.before);
    expect(lines.join('\n')).toBe(original.toString());
  });
  fc.assert(property, { seed: 20_261_120, numRuns: 2_000 });
});
