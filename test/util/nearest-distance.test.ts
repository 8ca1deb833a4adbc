import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestDistance } from '../../src/util/nearest-distance.ts';

test.each([
  ['abc', 'xxabcxx', 0],
  ['abc', 'xxabdxx', 1],
  ['abc', 'xxabxcxx', 1],
  ['abc', 'xxacxx', 1],
  ['abc', '', 3],
  ['', 'abc', 0],
])('%j is in %j but for %i', (text, within, distance) => {
  expect(nearestDistance(text, within)).toBe(distance);
});

test('any texts: the least of the distances to all parts', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 }).map((units) => units.join(''));
  const property = fc.property(text, text, (wanted, within) => {
    const ends = Array.from({ length: within.length + 1 }, (_, end) => end);
    const parts = ends.flatMap((end) => ends.slice(0, end + 1).map((start) => within.slice(start, end)));
    expect(nearestDistance(wanted, within)).toBe(Math.min(...parts.map((part) => distance(wanted, part))));
  });
  fc.assert(property, { seed: 20_261_120, numRuns: 300 });
});

/** Levenshtein's, by its definition. */
function distance(left: string, right: string): number {
  if (left === '' || right === '') return left.length + right.length;
  const [restLeft, restRight] = [left.slice(1), right.slice(1)];
  if (left[0] === right[0]) return distance(restLeft, restRight);
  return 1 + Math.min(distance(restLeft, right), distance(left, restRight), distance(restLeft, restRight));
}
