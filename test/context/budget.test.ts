import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextBudget, sidesAround, snippetRoom, tokensOf } from '../../src/context/budget.ts';

const settings = { maxTokens: 100, prefixShare: 0.5, suffixShare: 0.2, bytesPerToken: 4 };

test.each([
  ['plenty of everything', { prefix: 999, suffix: 999 }, 999, { prefix: 200, suffix: 80, snippets: 120 }],
  ['no other documents', { prefix: 999, suffix: 999 }, 0, { prefix: 320, suffix: 80, snippets: 0 }],
  ['nothing before the cursor', { prefix: 0, suffix: 999 }, 0, { prefix: 0, suffix: 400, snippets: 0 }],
  ['nothing behind the cursor', { prefix: 999, suffix: 0 }, 150, { prefix: 250, suffix: 0, snippets: 150 }],
  ['a short document', { prefix: 30, suffix: 20 }, 999, { prefix: 30, suffix: 20, snippets: 350 }],
])('%s', (_name, available, wanted, expected) => {
  const budget = contextBudget(settings);
  const snippets = Math.min(wanted, snippetRoom(budget, available));
  expect({ ...sidesAround(budget, available, snippets), snippets }).toEqual(expected);
});

test('without a factor a token is 3.5 bytes', () => {
  expect(contextBudget({ maxTokens: 100, prefixShare: 1, suffixShare: 1 })).toMatchObject({
    total: 350,
    prefix: 350,
    suffix: 0,
  });
});

test('no shares, no amounts make it exceed the tokens allowed', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const amount = fc.integer({ min: 0, max: 2_000 });
  const property = fc.property(
    share,
    share,
    amount,
    amount,
    share,
    (prefixShare, suffixShare, prefix, suffix, used) => {
      const budget = contextBudget({ ...settings, prefixShare, suffixShare });
      const room = snippetRoom(budget, { prefix, suffix });
      const snippets = Math.floor(room * used);
      const sides = sidesAround(budget, { prefix, suffix }, snippets);
      expect(Math.min(room, sides.prefix, sides.suffix)).toBeGreaterThanOrEqual(0);
      expect(tokensOf(sides.prefix + sides.suffix + snippets, budget.bytesPerToken)).toBeLessThanOrEqual(
        settings.maxTokens,
      );
      // What fits is used: nobody goes short while there is room.
      const isFull = sides.prefix + sides.suffix + snippets === budget.total;
      expect(isFull || (sides.prefix === prefix && sides.suffix === suffix)).toBe(true);
    },
  );
  fc.assert(property, { seed: 20_261_120, numRuns: 2_000 });
});
