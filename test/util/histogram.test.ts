import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistogram } from '../../src/util/histogram.ts';

test('has no quantiles before the first value', () => {
  expect(createHistogram().quantile(0.5)).toBeNull();
});

test('a quantile is never more than a bucket away from the true one', () => {
  const values = fc.array(fc.double({ min: 0.02, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (recorded, share) => {
      const histogram = createHistogram();
      for (const value of recorded) histogram.record(value);
      const sorted = recorded.toSorted((a, b) => a - b);
      const truth = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      const answer = histogram.quantile(share) ?? 0;
      expect(answer).toBeGreaterThan(truth * 0.94);
      expect(answer).toBeLessThan(truth * 1.19);
    }),
    { seed: 3, numRuns: 500 },
  );
});
