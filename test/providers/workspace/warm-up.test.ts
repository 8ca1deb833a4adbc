import { expect, test } from 'vitest';
import { warmUp } from '../../../src/providers/workspace/warm-up.ts';
import { createVirtualClock } from './virtual-clock.ts';

const never = new AbortController().signal;

/** Time moves on with every look at it, so that each slice holds one step. */
function slowClock() {
  const clock = createVirtualClock();
  const now = (): number => {
    clock.advance(5);
    return clock.now();
  };
  return { ...clock, now };
}

/** Turns of the event loop until the work is done. */
async function turnsDuring(work: Promise<void>): Promise<number> {
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  let turns = 0;
  while (!isDone) {
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  return turns;
}

test('lets others run after every slice', async () => {
  expect(await turnsDuring(warmUp(slowClock(), never))).toBeGreaterThan(200);
});

test('ends after the slice in which it is aborted', async () => {
  const controller = new AbortController();
  const work = warmUp(slowClock(), controller.signal);
  controller.abort();
  expect(await turnsDuring(work)).toBeLessThan(5);
  expect(await turnsDuring(warmUp(slowClock(), controller.signal))).toBeLessThan(5);
});
