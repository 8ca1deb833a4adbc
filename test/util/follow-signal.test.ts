import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { followSignal } from '../../src/util/follow-signal.ts';

test('the caller aborts it, with the same reason', () => {
  const caller = new AbortController();
  const { signal } = followSignal(caller.signal);
  expect(signal.aborted).toBe(false);
  caller.abort('gone');
  expect(signal.reason).toBe('gone');
});

test('a caller that had aborted before has aborted it too', () => {
  expect(followSignal(AbortSignal.abort('gone')).signal.reason).toBe('gone');
});

test('its own abort is not the caller’s', () => {
  const caller = new AbortController();
  const own = followSignal(caller.signal);
  own.abort('closed');
  caller.abort('gone');
  expect(own.signal.reason).toBe('closed');
});

test.each(['released', 'aborted'] as const)('nothing of it stays with the caller once it is %s', (how) => {
  const { signal } = new AbortController();
  const own = followSignal(signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  if (how === 'released') own.release();
  else own.abort();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
