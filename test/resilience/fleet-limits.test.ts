import { expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import type { Allowance } from '../../src/domain/allowance.ts';
import { chatRequest, chatResponse } from '../../src/domain/chat.ts';
import type { FleetLimits } from '../../src/domain/fleet-limits.ts';
import { createRateLimiter } from '../../src/resilience/rate-limit.ts';
import { scriptedProvider } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const { signal } = new AbortController();
const question = chatRequest([{ role: 'user', content: 'Why?' }]);

const answerOf = (text: string) => chatResponse(text, { model: 'scripted-1' });

/** A team that answers what it is told to, one after the other, and then lets everybody through. */
function teamOf(waits: readonly (number | undefined)[], processes = 1) {
  const left = [...waits];
  const told: number[] = [];
  const asked: (number | null)[] = [];
  const team: FleetLimits = {
    take(requestsPerMinute) {
      asked.push(requestsPerMinute);
      return Promise.resolve(left.length === 0 ? 0 : left.shift());
    },
    tell: (milliseconds) => void told.push(milliseconds),
    tellOpen() {},
    openWord: 0,
    processes,
  };
  return { team, told, asked };
}

function limited(team: FleetLimits, requestsPerMinute: number | null, longestWait = 1_000) {
  const clock = createVirtualClock();
  const limiter = createRateLimiter(clock, () => team);
  const wrap = (inner: ReturnType<typeof scriptedProvider>) =>
    limiter.wrap(inner, { maxConcurrent: 64, requestsPerMinute }, () => longestWait);
  return { clock, wrap };
}

test('a call goes out when the team lets it, and not before', async () => {
  const { team, asked } = teamOf([400, 200]);
  const { clock, wrap } = limited(team, 60);
  const provider = scriptedProvider({ answer: ['yes'] });
  const answer = wrap(provider).chat(question, signal);
  await clock.advance(599);
  expect(provider.counts.begun).toBe(0);
  await clock.advance(1);
  await answer;
  expect(provider.counts.begun).toBe(1);
  expect(asked).toEqual([60, 60, 60]);
});

test('a short peace is waited for before the team is asked', async () => {
  const { team, asked } = teamOf([]);
  const { clock, wrap } = limited(team, null);
  const failure = new AiError('rateLimited', 'scripted', 'Slowly.', { retryAfter: 500 });
  await expect(wrap(scriptedProvider({ answer: [failure] })).chat(question, signal)).rejects.toBe(failure);
  const provider = scriptedProvider({ answer: ['yes'] });
  const answer = wrap(provider).chat(question, signal);
  await clock.advance(499);
  expect([provider.counts.begun, asked.length]).toEqual([0, 1]);
  await clock.advance(1);
  await answer;
  expect(asked).toHaveLength(2);
});

test('a wait that is too long is said at once', async () => {
  const { wrap } = limited(teamOf([5_000]).team, 60);
  const provider = scriptedProvider({ answer: ['yes'] });
  await expect(wrap(provider).chat(question, signal)).rejects.toMatchObject({ kind: 'rateLimited', retryAfter: 5_000 });
  expect(provider.counts.begun).toBe(0);
});

test('the team hears of an allowance that is used up, and not for longer than it is believed', async () => {
  const { team, told } = teamOf([]);
  const { clock, wrap } = limited(team, null);
  let said: readonly Allowance[] = [];
  const answering = (renewedAt: number) => ({
    ...scriptedProvider({ answer: ['yes'] }),
    allowances: () => said,
    async chat() {
      said = [{ of: 'requests', left: 0, saidAt: clock.now(), renewedAt }];
      return answerOf('yes');
    },
  });
  await wrap(answering(9_000)).chat(question, signal);
  expect(told).toEqual([9_000]);
  await clock.advance(9_000);
  await wrap(answering(86_400_000)).chat(question, signal);
  expect(told).toEqual([9_000, 60_000]);
});

test('what a provider in trouble asks for binds this process alone: the trouble may be its own', async () => {
  const { team, told } = teamOf([]);
  const { wrap } = limited(team, null);
  const failure = new AiError('overloaded', 'scripted', 'Later.', { retryAfter: 3_000 });
  await expect(wrap(scriptedProvider({ answer: [failure] })).chat(question, signal)).rejects.toBe(failure);
  await expect(wrap(scriptedProvider({ answer: ['yes'] })).chat(question, signal)).rejects.toMatchObject({
    kind: 'rateLimited',
  });
  expect(told).toEqual([]);
});

test('the limit of the settings is nothing the provider asked for: the team is not told of it', async () => {
  const { team, told } = teamOf([0, 5_000]);
  const clock = createVirtualClock();
  const limiter = createRateLimiter(clock, () => team);
  const limits = { maxConcurrent: 1, requestsPerMinute: 1 };
  const provider = scriptedProvider({ answer: ['yes'] });
  const again = { ...provider, chat: () => limiter.again(provider, limits, 0, signal).then(() => answerOf('no')) };
  await expect(limiter.wrap(again, limits, () => 0).chat(question, signal)).rejects.toMatchObject({
    kind: 'rateLimited',
  });
  expect(told).toEqual([]);
  expect(limiter.limitedUntil).toBe(0);
});

test('a cancel while the team is asked ends it', async () => {
  const { wrap } = limited(teamOf([0]).team, 60);
  const provider = scriptedProvider({ answer: ['yes'] });
  const controller = new AbortController();
  const answer = wrap(provider).chat(question, controller.signal);
  controller.abort();
  await expect(answer).rejects.toThrow(/abort/i);
  expect(provider.counts.begun).toBe(0);
});

test('while nobody can be asked, each process keeps to its share', async () => {
  const { team } = teamOf(
    Array.from({ length: 50 }, () => undefined),
    4,
  );
  const { clock, wrap } = limited(team, 20, 0);
  const provider = scriptedProvider({ answer: ['yes'] });
  const ask = () => Promise.allSettled(Array.from({ length: 10 }, () => wrap(provider).chat(question, signal)));
  await ask();
  expect(provider.counts.begun).toBe(5);
  await clock.advance(59_999);
  await ask();
  expect(provider.counts.begun).toBe(5);
  await clock.advance(1);
  await ask();
  expect(provider.counts.begun).toBe(10);
});

test('what was used with the team counts when the team gets out of reach', async () => {
  const { team } = teamOf([0, 0, 0, 0, 0, undefined, undefined], 4);
  const { wrap } = limited(team, 20, 0);
  const provider = scriptedProvider({ answer: ['yes'] });
  for (let time = 0; time < 5; time += 1) await wrap(provider).chat(question, signal);
  await expect(wrap(provider).chat(question, signal)).rejects.toMatchObject({ kind: 'rateLimited' });
});

test('what a provider asks for is passed on, and kept to here without asking', async () => {
  const { team, told, asked } = teamOf([0]);
  const { clock, wrap } = limited(team, null);
  const failure = new AiError('rateLimited', 'scripted', 'Slowly.', { retryAfter: 3_000 });
  await expect(wrap(scriptedProvider({ answer: [failure] })).chat(question, signal)).rejects.toBe(failure);
  expect(told).toEqual([3_000]);
  await expect(wrap(scriptedProvider({ answer: ['yes'] })).chat(question, signal)).rejects.toMatchObject({
    kind: 'rateLimited',
  });
  expect(asked).toEqual([null]);
  await clock.advance(3_000);
  await wrap(scriptedProvider({ answer: ['yes'] })).chat(question, signal);
  expect(asked).toEqual([null, null]);
});
