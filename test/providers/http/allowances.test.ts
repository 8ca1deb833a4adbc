/** What the headers of answers leave behind, and what it says of the health. */
import { expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import { createHealthTracker } from '../../../src/providers/http/health.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const said = (left: number, reset: string) => (name: string) =>
  ({ 'x-ratelimit-remaining-requests': String(left), 'x-ratelimit-reset-requests': reset })[name];

function create() {
  const clock = createVirtualClock();
  const health = createHealthTracker(clock);
  const left = () => health.allowances.current().map((one) => one.left);
  return { clock, health, left, heard: health.allowances.heard };
}

test('what was said holds until it is renewed', async () => {
  const { clock, heard, health, left } = create();
  heard(said(3, '5s'), 0);
  expect(health.allowances.current()).toEqual([
    { of: 'x-ratelimit-remaining-requests', left: 3, saidAt: 0, renewedAt: 5000 },
  ]);
  expect(health.allowances.current()).toBe(health.allowances.current());
  await clock.advance(4999);
  expect(left()).toEqual([3]);
  await clock.advance(1);
  expect(left()).toEqual([]);
});

test('a later answer replaces an earlier one, and one that says nothing does not', async () => {
  const { clock, heard, left } = create();
  heard(said(0, '1m'), 0);
  await clock.advance(1000);
  heard(() => undefined, clock.now());
  expect(left()).toEqual([0]);
  heard(said(9, '1m'), clock.now());
  expect(left()).toEqual([9]);
});

test('of answers to requests that were under way together, the one that leaves less is believed', async () => {
  const { clock, heard, left } = create();
  await clock.advance(1000);
  heard(said(4, '1m'), 500);
  await clock.advance(1000);
  heard(said(5, '1m'), 900);
  expect(left()).toEqual([4]);
  heard(said(3, '1m'), 900);
  expect(left()).toEqual([3]);
  await clock.advance(1000);
  heard(said(7, '1m'), 2500);
  expect(left()).toEqual([7]);
});

test('the health says that nothing is left until it is renewed, and a failure before that', async () => {
  const { clock, heard, health } = create();
  heard(said(0, '30s'), 0);
  health.answered();
  const usedUp = { state: 'degraded', message: 'The rate limit is used up.', retryAt: clock.wallClock() + 30_000 };
  expect(health.current()).toEqual(usedUp);
  health.failed(new AiError('network', 'x', 'Unplugged.'));
  expect(health.current()).toEqual({ state: 'unreachable', message: 'Unplugged.' });
  health.answered();
  expect(health.current()).toEqual(usedUp);
  await clock.advance(30_000);
  expect(health.current()).toEqual({ state: 'ready' });
});
