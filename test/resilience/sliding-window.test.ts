import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlidingWindow, shareOfMinute } from '../../src/resilience/sliding-window.ts';

const MINUTE = 60_000;
const gaps = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 90_000 })), {
  maxLength: 200,
});

/** When calls went out that were wanted after these gaps, each as soon as it might. */
function startsOf(most: number, wanted: readonly number[]): readonly number[] {
  let now = 0;
  const window = createSlidingWindow(() => now);
  return wanted.map((gap) => {
    now += gap;
    now += window.wait({ most, length: MINUTE });
    expect(window.wait({ most, length: MINUTE })).toBe(0);
    window.add(most);
    return now;
  });
}

test('no minute, wherever it begins, holds more, and nobody waits for longer than that takes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), gaps, (most, wanted) => {
      const starts = startsOf(most, wanted);
      for (const [index, start] of starts.entries()) {
        const full = starts[index - most];
        expect(start - (full ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(MINUTE);
        const wantedAt = (starts[index - 1] ?? 0) + (wanted[index] ?? 0);
        expect(start).toBe(Math.max(wantedAt, (full ?? Number.NEGATIVE_INFINITY) + MINUTE));
      }
    }),
    { seed: 1 },
  );
});

test('the shares of all processes together are no more than the whole, as long as it is one for each', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 500 }), (perMinute, processes) => {
      const { most, length } = shareOfMinute(perMinute, processes);
      expect((most / length) * MINUTE * processes).toBeLessThanOrEqual(perMinute + 1e-6);
      if (processes <= perMinute) expect(length).toBe(MINUTE);
    }),
    { seed: 1 },
  );
});
