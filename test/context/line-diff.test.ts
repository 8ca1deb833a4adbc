import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from '../../src/context/line-diff.ts';

test('what stayed is neither gone nor new', () => {
  expect(lineDiff(['a', 'b', 'c'], ['A', 'b', 'c', 'd'])).toEqual(['-a', '+A', ' b', ' c', '+d']);
});

test('any lines: the diff holds both texts, and no shorter one is possible', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 8 });
  const property = fc.property(lines, lines, (before, after) => {
    const diff = lineDiff(before, after);
    const side = (marks: string) => diff.filter((line) => marks.includes(line[0] ?? '')).map((line) => line.slice(1));
    expect(side(' -')).toEqual(before);
    expect(side(' +')).toEqual(after);
    expect(side(' ')).toHaveLength(longestShared(before, after));
  });
  fc.assert(property, { seed: 20_261_120, numRuns: 1_000 });
});

/** By trying everything. */
function longestShared([head, ...rest]: readonly string[], after: readonly string[]): number {
  if (head === undefined) return 0;
  const found = after.indexOf(head);
  const without = longestShared(rest, after);
  return found === -1 ? without : Math.max(without, 1 + longestShared(rest, after.slice(found + 1)));
}
