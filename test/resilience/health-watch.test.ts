import { expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import type { ProviderHealth } from '../../src/domain/ai-provider.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { createGuard, type GuardPlan } from '../../src/resilience/guard.ts';
import { contextAt } from '../support/code-context.ts';
import { scriptedProvider } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const { signal } = new AbortController();
const automatic = completionRequest({ context: contextAt('a█'), trigger: 'automatic' });
const explicit = completionRequest({ context: contextAt('a█'), trigger: 'explicit' });
const plan: GuardPlan = {
  totals: { automatic: 5_000, explicit: 20_000, chat: 120_000 },
  retry: { retries: 0, baseDelay: 250, maxDelay: 8_000 },
  limits: { maxConcurrent: 4, requestsPerMinute: null },
  breaker: { failures: 1, resetAfter: 30_000 },
  sole: false,
};

type Answer = ProviderHealth['state'] | 'silence' | AiError;

/** A guard around a provider that fails by `kind`, is looked for, and says how it is. */
function create({
  sole = false,
  random = 0.5,
  kind = 'server' as AiError['kind'],
  retryAfter = undefined as number | undefined,
} = {}) {
  const clock = createVirtualClock();
  const logged: string[] = [];
  const write = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log = { error: write, warn: write, info: write, debug: write };
  const state = { answer: 'unreachable' as Answer, isWell: false };
  const looks: number[] = [];
  const asked: number[] = [];
  const found: number[] = [];
  let aborted = 0;
  const provider = {
    ...scriptedProvider({ answer: ['yes'] }),
    async completeCode(...call: Parameters<ReturnType<typeof scriptedProvider>['completeCode']>) {
      asked.push(clock.now());
      if (state.isWell) return scriptedProvider({ answer: ['yes'] }).completeCode(...call);
      throw new AiError(kind, 'scripted', 'In trouble.', retryAfter === undefined ? {} : { retryAfter });
    },
    checkHealth(own: AbortSignal): Promise<ProviderHealth> {
      looks.push(clock.now());
      own.addEventListener('abort', () => {
        aborted += 1;
      });
      if (state.answer === 'silence')
        return new Promise((_, reject) => own.addEventListener('abort', () => reject(own.reason)));
      return state.answer instanceof AiError ? Promise.reject(state.answer) : Promise.resolve({ state: state.answer });
    },
  };
  const guard = createGuard({
    id: 'scripted',
    clock,
    log,
    random: () => random,
    onFoundWell: () => void found.push(clock.now()),
  });
  const guarded = guard.wrap(provider, { ...plan, sole });
  const complete = (request = automatic) =>
    guarded.completeCode(request, signal).then(
      () => 'answered',
      (error: AiError) => error.kind,
    );
  return { clock, guard, guarded, provider, state, looks, asked, found, logged, complete, aborted: () => aborted };
}

test('a provider in trouble is looked for after five seconds, then ever more rarely', async () => {
  const { clock, looks, complete } = create();
  expect(await complete()).toBe('server');
  await clock.advance(240_000);
  expect(looks).toEqual([5_000, 15_000, 35_000, 75_000, 135_000, 195_000]);
});

test.each([
  [0, [4_000, 12_000, 28_000]],
  [1, [6_000, 18_000, 42_000]],
])('looks are spread by a fifth in both directions (%s)', async (random, times) => {
  const { clock, looks, complete } = create({ random });
  await complete();
  await clock.advance(50_000);
  expect(looks.map(Math.round)).toEqual(times);
});

test('while it is not found nobody is sent to it who can go elsewhere; by hand it may be tried', async () => {
  const { clock, asked, complete } = create();
  await complete();
  for (let second = 0; second < 240; second += 1) {
    await clock.advance(1_000);
    expect(await complete()).toBe('circuitOpen');
  }
  expect(asked).toEqual([0]);
  expect(await complete(explicit)).toBe('server');
});

test('nobody is locked out of the only provider for more than ten seconds', async () => {
  const { clock, asked, complete } = create({ sole: true });
  for (let second = 0; second < 100; second += 1) {
    await complete();
    await clock.advance(1_000);
  }
  expect(asked).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000]);
});

test('found again, it is said to be well, and the next call asks it at once', async () => {
  const { clock, guard, state, looks, asked, found, logged, complete } = create();
  await complete();
  await clock.advance(14_000);
  expect(guard.health()).toMatchObject({ state: 'open' });
  Object.assign(state, { answer: 'ready', isWell: true });
  await clock.advance(1_000);
  expect(found).toEqual([15_000]);
  expect(guard.health()).toBeUndefined();
  await clock.advance(120_000);
  expect([looks, asked]).toEqual([[5_000, 15_000], [0]]);
  expect(await complete()).toBe('answered');
  expect(guard.breaker()).toBe('closed');
  expect(logged.map((line) => JSON.parse(line.slice(line.indexOf('{'))).state)).toEqual(['open', 'halfOpen', 'closed']);
});

test('a provider that is there and still fails is not asked by a user every five seconds', async () => {
  const { clock, asked, state, complete } = create();
  state.answer = 'ready';
  for (let second = 0; second < 200; second += 1) {
    await complete();
    await clock.advance(1_000);
  }
  expect(asked).toEqual([0, 5_000, 15_000, 35_000, 75_000, 135_000, 195_000]);
});

test('no answer within five seconds counts as not there, and one that says nothing changes nothing', async () => {
  const { clock, guard, state, looks, complete, aborted } = create();
  state.answer = 'silence';
  await complete();
  await clock.advance(10_000);
  expect([looks, aborted()]).toEqual([[5_000], 1]);
  expect(guard.health()?.retryAt).toBe(clock.wallClock() + 20_000);
  state.answer = 'degraded';
  await clock.advance(10_000);
  state.answer = new AiError('unsupported', 'scripted', 'What?');
  await clock.advance(10_000);
  expect(looks).toEqual([5_000, 20_000]);
  await clock.advance(10_000);
  expect(looks).toEqual([5_000, 20_000, 40_000]);
  expect(await complete()).toBe('server');
});

test('nobody is looked for any more five minutes after the last call; a new one begins again', async () => {
  const { clock, looks, complete } = create();
  await complete();
  await clock.advance(3_600_000);
  expect(looks.at(-1)).toBeLessThanOrEqual(300_000);
  expect(clock.pending).toBe(0);
  const { length } = looks;
  await complete();
  await clock.advance(5_000);
  expect(looks.slice(length)).toEqual([3_605_000]);
});

test('what the provider asked for is kept by looks too', async () => {
  const { clock, looks, complete } = create({ kind: 'overloaded', retryAfter: 17_000 });
  await complete();
  await clock.advance(17_000);
  expect(looks).toEqual([17_000]);
});

test('a refused key is nothing to look for', async () => {
  const { clock, looks, complete } = create({ kind: 'authentication' });
  await complete();
  await clock.advance(300_000);
  expect([looks, clock.pending]).toEqual([[], 0]);
});

test('a provider that cannot be asked how it is is left as it was', async () => {
  const { clock, guard, provider } = create();
  const { checkHealth: _, ...rest } = provider;
  await expect(guard.wrap(rest, plan).completeCode(automatic, signal)).rejects.toThrow('In trouble.');
  expect(clock.pending).toBe(0);
});

test('after its end it looks for nobody, and leaves no timer', async () => {
  for (const answer of ['unreachable', 'silence'] as const) {
    const { clock, guard, state, looks, complete, aborted } = create();
    state.answer = answer;
    await complete();
    await clock.advance(answer === 'silence' ? 6_000 : 1_000);
    guard.dispose();
    await clock.advance(0);
    expect(aborted()).toBe(answer === 'silence' ? 1 : 0);
    expect(clock.pending).toBe(0);
    const { length } = looks;
    await complete(explicit);
    await clock.advance(300_000);
    expect(looks).toHaveLength(length);
  }
});
