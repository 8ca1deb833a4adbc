import { expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import type { Allowance } from '../../src/domain/allowance.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { createRateLimiter } from '../../src/resilience/rate-limit.ts';
import { contextAt } from '../support/code-context.ts';
import { hang, scriptedProvider } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const { signal } = new AbortController();
const automatic = completionRequest({ context: contextAt('a█'), trigger: 'automatic' });
const question = chatRequest([{ role: 'user', content: 'Why?' }]);

function create(limits: { maxConcurrent?: number; requestsPerMinute?: number | null }, longestWait = 1_000) {
  const clock = createVirtualClock();
  const limiter = createRateLimiter(clock);
  const wrap = (inner: AiProvider) =>
    limiter.wrap(inner, { maxConcurrent: 4, requestsPerMinute: null, ...limits }, () => longestWait);
  return { clock, limiter, wrap };
}

test('so many at once; the next waits for a place', async () => {
  const { clock, wrap } = create({ maxConcurrent: 2 });
  const controllers = [new AbortController(), new AbortController()];
  const slow = scriptedProvider({ answer: [hang] });
  const running = controllers.map((one) => wrap(slow).completeCode(automatic, one.signal));
  const ended = Promise.allSettled(running);
  const fine = scriptedProvider({ answer: ['yes'] });
  const third = wrap(fine).completeCode(automatic, signal);
  await clock.advance(999);
  expect(fine.counts.begun).toBe(0);
  controllers[0]?.abort();
  await third;
  expect(fine.counts.begun).toBe(1);
  controllers[1]?.abort();
  await ended;
});

test('whoever waits too long for a place is told so', async () => {
  const { clock, wrap } = create({ maxConcurrent: 1 });
  const controller = new AbortController();
  const running = wrap(scriptedProvider({ answer: [hang] })).completeCode(automatic, controller.signal);
  const ended = Promise.allSettled([running]);
  await clock.advance(0);
  const waiting = expect(
    wrap(scriptedProvider({ answer: ['no'] })).completeCode(automatic, signal),
  ).rejects.toMatchObject({
    kind: 'rateLimited',
  });
  await clock.advance(1_000);
  await waiting;
  controller.abort();
  await ended;
});

test('a chat goes before completions that wait', async () => {
  const { clock, wrap } = create({ maxConcurrent: 1 }, 60_000);
  const controller = new AbortController();
  wrap(scriptedProvider({ answer: [hang] }))
    .completeCode(automatic, controller.signal)
    .catch(() => undefined);
  await clock.advance(0);
  const order: string[] = [];
  const note = (name: string) => () => void order.push(name);
  const completion = wrap(scriptedProvider({ answer: ['a'] }))
    .completeCode(automatic, signal)
    .then(note('completion'));
  const chat = wrap(scriptedProvider({ answer: ['b'] }))
    .chat(question, signal)
    .then(note('chat'));
  controller.abort();
  await Promise.all([completion, chat]);
  expect(order).toEqual(['chat', 'completion']);
});

test('so many a minute, and no more in the minute that begins with them', async () => {
  const { clock, wrap } = create({ requestsPerMinute: 6 }, 0);
  const provider = wrap(scriptedProvider({ answer: ['yes'] }));
  let admitted = 0;
  for (let second = 0; second < 60; second += 1) {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await provider.chat(question, signal).then(
        () => {
          admitted += 1;
        },
        () => undefined,
      );
    }
    await clock.advance(1_000);
  }
  expect(admitted).toBe(6);
});

test('what the provider asked for is kept: nothing goes out before, and what cannot wait is told how long', async () => {
  const { clock, limiter, wrap } = create({});
  const limited = new AiError('rateLimited', 'scripted', 'Slow down.', { retryAfter: 5_000 });
  await expect(wrap(scriptedProvider({ answer: [limited] })).chat(question, signal)).rejects.toThrow('Slow down.');
  expect(limiter.limitedUntil).toBe(5_000);
  const fine = scriptedProvider({ answer: ['yes'] });
  await expect(wrap(fine).chat(question, signal)).rejects.toMatchObject({ kind: 'rateLimited', retryAfter: 5_000 });
  await clock.advance(4_500);
  const patient = wrap(fine).chat(question, signal);
  await clock.advance(499);
  expect(fine.counts.begun).toBe(0);
  await clock.advance(1);
  await patient;
});

test.each(['overloaded', 'server'] as const)(
  'what a provider in trouble (%s) asked for binds every call, for a minute at most',
  async (kind) => {
    const { clock, limiter, wrap } = create({});
    const unavailable = (retryAfter?: number) => {
      const failure = new AiError(kind, 'scripted', 'Later.', retryAfter === undefined ? {} : { retryAfter });
      return wrap(scriptedProvider({ answer: [failure] }));
    };
    await expect(unavailable().chat(question, signal)).rejects.toThrow('Later.');
    expect(limiter.limitedUntil).toBe(0);
    await expect(unavailable(7_000).chat(question, signal)).rejects.toThrow('Later.');
    const fine = scriptedProvider({ answer: ['yes'] });
    await expect(wrap(fine).chat(question, signal)).rejects.toMatchObject({ kind: 'rateLimited', retryAfter: 7_000 });
    expect(fine.counts.begun).toBe(0);
    await clock.advance(7_000);
    await expect(unavailable(3_600_000).chat(question, signal)).rejects.toThrow('Later.');
    expect(limiter.limitedUntil).toBe(67_000);
  },
);

/** A provider whose every answer says that so many are left, until a time. */
function saying(said: () => readonly Allowance[]) {
  const provider = scriptedProvider({ answer: ['yes'] });
  return { ...provider, allowances: said };
}

test('with nothing left a call waits for the renewal where that is near, and is told why where it is not', async () => {
  const { clock, wrap } = create({});
  let allowance = { of: 'tokens', left: 0, saidAt: 0, renewedAt: 400 };
  const provider = saying(() => [allowance]);
  const answer = wrap(provider).chat(question, signal);
  await clock.advance(399);
  expect(provider.counts.begun).toBe(0);
  await clock.advance(1);
  await answer;
  allowance = { ...allowance, saidAt: 400, renewedAt: 30_000 };
  await expect(wrap(provider).chat(question, signal)).rejects.toMatchObject({
    kind: 'rateLimited',
    retryable: false,
    retryAfter: 29_600,
    message: expect.stringContaining('for 30 s: its answers say that nothing is left'),
  });
  expect(provider.counts.begun).toBe(1);
});

test('no more go out than are left, however many want to at once, with a team or without', async () => {
  for (const team of [
    undefined,
    { take: () => Promise.resolve(0), tell() {}, tellOpen() {}, openWord: 0, processes: 2 },
  ]) {
    const limiter = createRateLimiter(createVirtualClock(), () => team);
    const allowance = { of: 'requests', left: 3, saidAt: 0, renewedAt: 30_000 };
    const provider = saying(() => [allowance]);
    const limited = limiter.wrap(provider, { maxConcurrent: 64, requestsPerMinute: 60 }, () => 1_000);
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => limited.chat(question, signal)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(provider.counts.begun).toBe(3);
  }
});

test('an embedding is not held up, but counts', async () => {
  const { wrap } = create({});
  const allowance = { of: 'requests', left: 1, saidAt: 0, renewedAt: 30_000 };
  const embed = () => Promise.resolve({ vectors: [], model: '', dimensions: 0 });
  const provider = { ...saying(() => [allowance]), embed };
  const limited = wrap(provider);
  await expect(limited.chat(question, AbortSignal.abort())).rejects.toThrow(/abort/i);
  await limited.embed?.({ input: [] }, signal);
  await expect(limited.chat(question, signal)).rejects.toMatchObject({ kind: 'rateLimited' });
});

test('whoever gives up leaves the queue and no timer', async () => {
  const { clock, wrap } = create({ maxConcurrent: 1 }, 60_000);
  const first = new AbortController();
  const second = new AbortController();
  wrap(scriptedProvider({ answer: [hang] }))
    .chat(question, first.signal)
    .catch(() => undefined);
  await clock.advance(0);
  const waiting = expect(wrap(scriptedProvider({ answer: ['x'] })).chat(question, second.signal)).rejects.toMatchObject(
    {
      name: 'AbortError',
    },
  );
  second.abort();
  await waiting;
  expect(clock.pending).toBe(0);
  first.abort();
});

test('a call that goes out once more waits like a new one, and counts like one', async () => {
  const { clock, limiter, wrap } = create({});
  const limits = { maxConcurrent: 4, requestsPerMinute: 2 };
  const provider = scriptedProvider({ answer: ['yes'] });
  limiter.learn(new AiError('rateLimited', 'scripted', 'Slow down.', { retryAfter: 500 }));
  const ready = limiter.again(provider, limits, 1_000, signal).then(() => clock.now());
  await clock.advance(1_000);
  expect(await ready).toBe(500);
  await limiter.again(provider, limits, 1_000, signal);
  await expect(limiter.again(provider, limits, 1_000, signal)).rejects.toMatchObject({
    kind: 'rateLimited',
    retryable: false,
  });
  await wrap(provider).chat(question, signal);
});
