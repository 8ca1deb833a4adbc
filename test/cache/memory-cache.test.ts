import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, type CachedAnswer } from '../../src/cache/cached-answer.ts';
import { createMemoryCache } from '../../src/cache/memory-cache.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const answer = (text: string): CachedAnswer => ({ texts: [{ text }], model: 'coder', provider: 'mine' });

function cacheOf(limits: Partial<Parameters<typeof createMemoryCache>[0]> = {}) {
  const clock = createVirtualClock();
  return { clock, cache: createMemoryCache({ maxEntries: 3, maxBytes: 1_000_000, ttl: 1_000, clock, ...limits }) };
}

test('gives back what was put in, until its time is over', async () => {
  const { cache, clock } = cacheOf();
  cache.set('a', answer('one'));
  await clock.advance(999);
  expect(cache.get('a')).toEqual(answer('one'));
  await clock.advance(1);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.stats()).toEqual({ entries: 0, bytes: 0, evictions: 0, expired: 1 });
});

test('an answer that was given elsewhere lives only for what is left of its time', async () => {
  const { cache, clock } = cacheOf();
  cache.set('a', answer('one'), 900);
  cache.set('b', answer('old'), 1_000);
  expect(cache.get('a')).toBeDefined();
  expect(cache.stats()).toMatchObject({ entries: 1 });
  expect(cache.get('b')).toBeUndefined();
  await clock.advance(100);
  expect(cache.get('a')).toBeUndefined();
});

test('makes room by leaving out what was used longest ago', () => {
  const { cache } = cacheOf();
  for (const key of ['a', 'b', 'c']) cache.set(key, answer(key));
  cache.get('a');
  cache.set('d', answer('d'));
  expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
  expect(cache.stats()).toMatchObject({ entries: 3, evictions: 1 });
});

test('a large answer makes room for itself, one larger than the cache is not kept', () => {
  const { cache } = cacheOf({ maxBytes: 2 * bytesOf(answer('xx')) });
  cache.set('a', answer('xx'));
  cache.set('b', answer('xx'));
  cache.set('c', answer('x'.repeat(100)));
  expect(cache.get('a')).toBeUndefined();
  expect(cache.get('c')).toBeDefined();
  cache.set('d', answer('x'.repeat(10_000)));
  expect(cache.get('d')).toBeUndefined();
  expect(cache.get('c')).toBeDefined();
});

test('forgets everything when told to', () => {
  const { cache } = cacheOf();
  cache.set('a', answer('one'));
  cache.clear();
  expect(cache.get('a')).toBeUndefined();
  expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 });
});

test('is never larger than it may be, counts right, and never gives what was not put in last', () => {
  const keys = fc.constantFrom(...'abcdefgh');
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key: keys, length: fc.nat(400), time: fc.constant(0) }),
    fc.record({ do: fc.constant('get' as const), key: keys, length: fc.constant(0), time: fc.constant(0) }),
    fc.record({ do: fc.constant('wait' as const), key: keys, length: fc.constant(0), time: fc.nat(600) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, maxEntries) => {
      let now = 0;
      const clock = { ...createVirtualClock(), now: () => now };
      const cache = createMemoryCache({ maxEntries, maxBytes: 3_000, ttl: 1_000, clock });
      const last = new Map<string, { text: string; at: number }>();
      for (const { do: what, key, length, time } of steps) {
        now += time;
        if (what === 'set') {
          const text = `${now}`.padEnd(length, key);
          cache.set(key, answer(text));
          last.set(key, { text, at: now });
        }
        const found = cache.get(key);
        if (found !== undefined) {
          expect(found.texts[0]?.text).toBe(last.get(key)?.text);
          expect(now - (last.get(key)?.at ?? 0)).toBeLessThan(1_000);
        }
        const { entries, bytes } = cache.stats();
        const held = [...last.values()].filter(({ text }) => bytesOf(answer(text)) <= 3_000);
        expect(entries).toBeLessThanOrEqual(Math.min(maxEntries, held.length));
        expect(bytes).toBeLessThanOrEqual(3_000);
        expect(bytes).toBeGreaterThanOrEqual(entries * bytesOf(answer('')));
      }
      for (const key of 'abcdefgh') cache.get(key);
      cache.clear();
      expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 });
    }),
    { seed: 4, numRuns: 300 },
  );
});
