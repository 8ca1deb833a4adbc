import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildSuffixArray, DEPTH, intervalsOf, wordBefore } from '../../../src/providers/workspace/suffix-array.ts';
import { FILE_END } from '../../../src/providers/workspace/vocabulary.ts';

const SEED = 20_261_120;
const WORDS = 6;

/** Few words, so that long contexts repeat; odd ids carry white space, which must not matter. */
const tokens = fc
  .array(fc.nat(WORDS * 2 - 1), { maxLength: 400, size: 'max' })
  .map((ids) => Uint32Array.from(ids.map((id) => (id >>> 1 === FILE_END ? 0 : id))));

/** Long runs of a period, the worst case of a radix sort. */
const periodic = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 2000 }))
  .map(([period, length]) => Uint32Array.from({ length }, (_, index) => ((index % period) + 1) * 2));

function contextOf(ids: Uint32Array, place: number): number[] {
  const context: number[] = [];
  for (let depth = 1; depth <= DEPTH; depth++) {
    const word = wordBefore(ids, place, depth);
    context.push(word);
    if (word === FILE_END) break;
  }
  return context;
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (let depth = 0; depth < DEPTH; depth++) {
    const difference = (one[depth] ?? -1) - (other[depth] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

test('sorts every place by its context, as a plain sort does', () => {
  fc.assert(
    fc.property(fc.oneof(tokens, periodic), (ids) => {
      const { places } = buildSuffixArray(ids, WORDS);
      expect([...places].sort((one, other) => one - other)).toEqual(
        Array.from({ length: Math.max(0, ids.length - 1) }, (_, index) => index + 1),
      );
      for (let at = 1; at < places.length; at++) {
        const before = contextOf(ids, places[at - 1] ?? 0);
        expect(compare(before, contextOf(ids, places[at] ?? 0))).toBeLessThanOrEqual(0);
      }
    }),
    { seed: SEED, numRuns: 150 },
  );
});

test('finds for every length of context the places that a scan finds', () => {
  fc.assert(
    fc.property(tokens, fc.array(fc.nat(WORDS), { minLength: 1, maxLength: 30 }), fc.nat(), (ids, random, seed) => {
      const array = buildSuffixArray(ids, WORDS);
      // Half of the contexts are taken from the text itself, so that deep ones occur.
      const context = seed % 2 === 0 || ids.length < 2 ? random : contextOf(ids, 1 + (seed % (ids.length - 1)));
      const intervals = intervalsOf(ids, array, context);
      for (let length = 1; length <= Math.min(context.length, DEPTH); length++) {
        if (context.slice(0, length - 1).includes(FILE_END)) break;
        const scanned: number[] = [];
        for (let place = 1; place < ids.length; place++) {
          const own = Array.from({ length }, (_, depth) => wordBefore(ids, place, depth + 1));
          if (own.every((word, depth) => word === context[depth])) scanned.push(place);
        }
        const interval = intervals[length - 1];
        const found = interval === undefined ? [] : [...array.places.subarray(interval.low, interval.high)];
        expect(found.sort((one, other) => one - other)).toEqual(scanned);
      }
    }),
    { seed: SEED, numRuns: 200 },
  );
});
