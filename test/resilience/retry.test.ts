import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AiError, type AiErrorKind, aiErrorKinds } from '../../src/domain/ai-error.ts';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { withRetry } from '../../src/resilience/retry.ts';
import { createRetryBudget } from '../../src/resilience/retry-budget.ts';
import { retryDelay } from '../../src/resilience/retry-policy.ts';
import { scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const policy = { retries: 2, baseDelay: 250, maxDelay: 8_000, longestRetryAfter: 10_000 };
const request = chatRequest([{ role: 'user', content: 'Why?' }]);
const { signal } = new AbortController();
const failure = (kind: AiErrorKind, retryAfter?: number) =>
  new AiError(kind, 'scripted', kind, retryAfter === undefined ? {} : { retryAfter });

describe('the decision', () => {
  test('is made for failures that may pass, and no others', () => {
    const tried = aiErrorKinds.filter((kind) => retryDelay(failure(kind), 1, 60_000, policy, () => 0) !== undefined);
    expect(tried).toEqual(['rateLimited', 'overloaded', 'server', 'network', 'timeout']);
  });

  test('is never earlier than the provider asked for, nor beyond the deadline or the policy', () => {
    const retryAfter = fc.option(fc.integer({ min: -5, max: 1e9 }), { nil: undefined });
    fc.assert(
      fc.property(
        retryAfter,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(100_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (after, attempt, remaining, random) => {
          const delay = retryDelay(failure('rateLimited', after), attempt, remaining, policy, () => random);
          if (delay === undefined) return;
          expect(attempt).toBeLessThanOrEqual(policy.retries);
          expect(delay).toBeGreaterThanOrEqual(after ?? 0);
          expect(delay).toBeLessThan(remaining);
          expect(delay).toBeLessThanOrEqual(Math.max(0, after ?? 0) + policy.maxDelay);
        },
      ),
      { seed: 5, numRuns: 2_000 },
    );
  });

  test('spreads over the whole of a doubling bound', () => {
    const bounds = [1, 2].map((attempt) => retryDelay(failure('server'), attempt, 60_000, policy, () => 1));
    expect(bounds).toEqual([250, 500]);
    expect(retryDelay(failure('server'), 2, 60_000, policy, () => 0)).toBe(0);
  });
});

test('the budget is a fifth of the calls and two a minute', () => {
  const clock = createVirtualClock();
  const budget = createRetryBudget(clock.now);
  const spend = (count: number) => Array.from({ length: count }, () => budget.withdraw()).filter(Boolean).length;
  expect(spend(10)).toBe(2);
  for (let call = 0; call < 50; call += 1) budget.deposit();
  expect(spend(50)).toBe(10);
});

test('what was saved in busy times is not spent in an outage after them', async () => {
  const clock = createVirtualClock();
  const budget = createRetryBudget(clock.now);
  for (let call = 0; call < 500; call += 1) budget.deposit();
  await clock.advance(60_000);
  expect(Array.from({ length: 50 }, () => budget.withdraw()).filter(Boolean)).toHaveLength(2);
});

test('waits until it is told to be ready, and fails by what that fails with', async () => {
  const inner = flaky(failure('server'), failure('server'));
  const clock = createVirtualClock();
  const budget = createRetryBudget(clock.now);
  const told: (() => void)[] = [];
  const tooEarly = failure('rateLimited', 60_000);
  const ready = () =>
    new Promise<void>((resolve, reject) => told.push(told.length === 0 ? resolve : () => reject(tooEarly)));
  const options = { policy, budget, clock, random: () => 0, total: () => 60_000, ready };
  const outcome = expect(textOf(withRetry(inner, options).streamChat(request, signal))).rejects.toBe(tooEarly);
  await clock.advance(5_000);
  expect(inner.calls).toBe(1);
  told[0]?.();
  await clock.advance(5_000);
  expect(inner.calls).toBe(2);
  told[1]?.();
  await outcome;
  expect(inner.calls).toBe(2);
});

/** Fails with each of these in turn, then answers. */
function flaky(...failures: readonly Error[]): AiProvider & { calls: number } {
  const provider = {
    ...scriptedProvider({ answer: ['yes'] }),
    calls: 0,
    async *streamChat() {
      const error = failures[provider.calls];
      provider.calls += 1;
      if (error !== undefined) throw error;
      yield { delta: 'yes' };
      yield { delta: '', finish: { reason: 'stop' as const, model: 'm' } };
    },
  };
  return provider;
}

function retrying(inner: AiProvider) {
  const clock = createVirtualClock();
  const budget = createRetryBudget(clock.now);
  return { clock, provider: withRetry(inner, { policy, budget, clock, random: () => 1, total: () => 60_000 }) };
}

test('tries again after its delay, and delivers once', async () => {
  const inner = flaky(failure('server'), failure('rateLimited', 1_000));
  const { clock, provider } = retrying(inner);
  const text = textOf(provider.streamChat(request, signal));
  await clock.advance(249);
  expect(inner.calls).toBe(1);
  await clock.advance(1);
  expect(inner.calls).toBe(2);
  await clock.advance(1_499);
  expect(inner.calls).toBe(2);
  await clock.advance(1);
  expect(await text).toBe('yes');
});

test('after the last attempt the failure is reported', async () => {
  const { clock, provider } = retrying(flaky(failure('server'), failure('server'), failure('network')));
  const outcome = expect(textOf(provider.streamChat(request, signal))).rejects.toMatchObject({ kind: 'network' });
  await clock.advance(10_000);
  await outcome;
});

test('never after the first delivered part', async () => {
  const inner = scriptedProvider({ answer: ['half', failure('server')] });
  const { provider } = retrying(inner);
  await expect(textOf(provider.streamChat(request, signal))).rejects.toMatchObject({ kind: 'server' });
  expect(inner.counts.begun).toBe(1);
});

test('a cancel during the wait ends it at once, without another attempt', async () => {
  const inner = flaky(failure('rateLimited', 9_000));
  const { clock, provider } = retrying(inner);
  const controller = new AbortController();
  const outcome = expect(textOf(provider.streamChat(request, controller.signal))).rejects.toMatchObject({
    name: 'AbortError',
  });
  await clock.advance(100);
  controller.abort();
  await outcome;
  expect(clock.pending).toBe(0);
  expect(inner.calls).toBe(1);
});
