import { expect, test } from 'vitest';
import { pause } from '../../src/util/pause.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

test('it lasts as long as it was said to', async () => {
  const clock = createVirtualClock();
  const { signal } = new AbortController();
  let over = false;
  const pausing = pause(100, signal, clock).then(() => {
    over = true;
  });
  await clock.advance(99);
  expect(over).toBe(false);
  await clock.advance(1);
  await pausing;
});

test('it ends at once with the reason of whoever waits no more', async () => {
  const clock = createVirtualClock();
  const controller = new AbortController();
  const pausing = expect(pause(100, controller.signal, clock)).rejects.toBe('enough');
  controller.abort('enough');
  await pausing;
  await expect(pause(100, controller.signal, clock)).rejects.toBe('enough');
});
