/** When the cache is warmed: after quiet, for what it lacks, once. */
import { expect, test } from 'vitest';
import { createCacheWarmer } from '../../../src/providers/llama-cpp/cache-warmer.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** A warmer whose warmings the test ends itself. */
function setup() {
  const clock = createVirtualClock();
  const warmed: string[] = [];
  const ends: { resolve(): void; reject(): void }[] = [];
  const warmer = createCacheWarmer<string>(clock, (prompt, signal) => {
    warmed.push(prompt);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')));
      ends.push({ resolve: () => resolve(undefined), reject: () => reject(new Error('failed')) });
    });
  });
  return {
    warmed,
    ends,
    warmer,
    clock,
    /** A call that changes nothing of what is wanted, and the quiet after it. */
    async callAndQuiet() {
      warmer.busy();
      warmer.idle();
      await clock.advance(500);
    },
  };
}

test('what was given up for a call is wanted still', async () => {
  const { warmer, warmed, callAndQuiet } = setup();
  warmer.want('a');
  await callAndQuiet();
  await callAndQuiet();
  expect(warmed).toEqual(['a', 'a']);
});

test.each(['resolve', 'reject'] as const)('what was warmed (%s) is not warmed again', async (outcome) => {
  const { warmer, warmed, ends, callAndQuiet, clock } = setup();
  warmer.want('a');
  await callAndQuiet();
  ends[0]?.[outcome]();
  await clock.advance(0);
  await callAndQuiet();
  expect(warmed).toEqual(['a']);
});

test('another prompt that came meanwhile is wanted after it', async () => {
  const { warmer, warmed, ends, callAndQuiet, clock } = setup();
  warmer.want('a');
  await callAndQuiet();
  warmer.want('b');
  ends[0]?.resolve();
  await clock.advance(0);
  await callAndQuiet();
  expect(warmed).toEqual(['a', 'b']);
});

test('it is quiet only when the last call has ended', async () => {
  const { warmer, warmed, clock } = setup();
  warmer.want('a');
  warmer.busy();
  warmer.busy();
  warmer.idle();
  await clock.advance(5000);
  expect(warmed).toEqual([]);
  warmer.idle();
  await clock.advance(500);
  expect(warmed).toEqual(['a']);
});

test('nothing is warmed after the end', async () => {
  const { warmer, warmed, clock } = setup();
  warmer.want('a');
  warmer.busy();
  warmer.idle();
  warmer.dispose();
  await clock.advance(5000);
  expect(warmed).toEqual([]);
});
