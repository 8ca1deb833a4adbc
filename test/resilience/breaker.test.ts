import { describe, expect, test } from 'vitest';
import { AiError, type AiErrorKind } from '../../src/domain/ai-error.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import {
  abandoned,
  admit,
  closedBreaker,
  doubted,
  failed,
  found,
  locked,
  missed,
  succeeded,
} from '../../src/resilience/breaker.ts';
import { createCircuitBreaker } from '../../src/resilience/circuit-breaker.ts';
import { contextAt } from '../support/code-context.ts';
import { hang, scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const policy = { failures: 5, resetAfter: 30_000, longestOpen: 60_000, patience: 600_000 };
const byHand = 0;
const { patience } = policy;
const { signal } = new AbortController();
const automatic = completionRequest({ context: contextAt('a█'), trigger: 'automatic' });

describe('the rules', () => {
  const afterFailures = (failures: number) =>
    Array.from({ length: failures }).reduce<ReturnType<typeof failed>>(
      (state, _, index) => failed(state, index, policy, 0.5),
      closedBreaker,
    );

  test('five failures in a row open it for its time, and each failed probe doubles that', () => {
    expect(afterFailures(4).kind).toBe('closed');
    const open = afterFailures(5);
    expect(open).toEqual({ kind: 'open', until: 4 + 30_000, since: 4, openings: 1 });
    const probing = admit(open, 30_004, patience);
    expect(probing).toEqual({ kind: 'halfOpen', until: 40_004, openings: 1 });
    expect(failed(probing ?? open, 30_005, policy, 0.5)).toEqual({
      kind: 'open',
      until: 90_005,
      since: 30_005,
      openings: 2,
    });
  });

  test('a success in between starts the count anew', () => {
    expect(failed(succeeded(afterFailures(4), 10), 11, policy, 0.5)).toMatchObject({ kind: 'closed', consecutive: 1 });
  });

  test('mostly failing opens it too, over ten calls', () => {
    const outcomes = [true, true, false, true, false, true, false, true, true, false];
    let state = closedBreaker;
    for (const isFailure of outcomes) state = isFailure ? failed(state, 1, policy, 0.5) : succeeded(state, 1);
    expect(state.kind).toBe('closed');
    expect(failed(state, 2, policy, 0.5).kind).toBe('open');
    expect(failed(state, 61_000, policy, 0.5).kind).toBe('closed');
  });

  test('only one probe goes out, but a request by hand always may', () => {
    const probing = admit(afterFailures(5), 40_000, patience);
    if (probing === undefined) throw new Error('No probe went out.');
    expect(admit(probing, 40_001, patience)).toBeUndefined();
    expect(admit(probing, 40_001, byHand)).toEqual({ kind: 'halfOpen', until: 50_001, openings: 1 });
    expect(admit(afterFailures(5), 5, patience)).toBeUndefined();
    expect(admit(afterFailures(5), 5, byHand)?.kind).toBe('halfOpen');
    expect(admit(locked, 1e9, patience)).toBeUndefined();
    expect(admit(locked, 1e9, byHand)).toBe(locked);
  });

  test('a probe that does not end is not waited for: after ten seconds the next may go', () => {
    const probing = admit(afterFailures(5), 40_000, patience) ?? closedBreaker;
    expect(admit(probing, 49_999, patience)).toBeUndefined();
    expect(admit(probing, 50_000, patience)).toEqual({ kind: 'halfOpen', until: 60_000, openings: 1 });
  });

  test('an abandoned probe lets the next call probe', () => {
    const probing = admit(afterFailures(5), 40_000, patience) ?? closedBreaker;
    expect(admit(abandoned(probing, 40_001), 40_001, patience)?.kind).toBe('halfOpen');
  });

  test('a provider that was looked for and not found stays away, but from nobody beyond his patience', () => {
    const open = missed(afterFailures(5), 500_000);
    expect(admit(open, 499_999, patience)).toBeUndefined();
    expect(admit(open, 500_000, patience)?.kind).toBe('halfOpen');
    expect(admit(open, 5, byHand)?.kind).toBe('halfOpen');
    expect(admit(open, 10_003, 10_000)).toBeUndefined();
    expect(admit(open, 10_004, 10_000)?.kind).toBe('halfOpen');
    expect(admit(missed(open, 9e9), 600_004, patience)?.kind).toBe('halfOpen');
    expect(missed(open, 100)).toEqual(open);
  });

  test('one that was found is asked by the next call, and opens for longer where that fails', () => {
    const there = found(afterFailures(5), 5_000);
    const probing = admit(there, 5_000, patience) ?? closedBreaker;
    expect(probing).toEqual({ kind: 'halfOpen', until: 15_000, openings: 1 });
    expect(admit(probing, 5_001, patience)).toBeUndefined();
    expect(failed(probing, 5_002, policy, 0.5)).toMatchObject({ kind: 'open', until: 65_002, openings: 2 });
  });

  test('one that others doubt is asked by one call, whose failure opens it and whose cancel leaves the doubt', () => {
    const probing = admit(doubted(closedBreaker, 100), 100, patience) ?? closedBreaker;
    expect(probing).toEqual({ kind: 'halfOpen', until: 10_100, openings: 0 });
    expect(admit(probing, 101, patience)).toBeUndefined();
    expect(failed(probing, 102, policy, 0.5)).toMatchObject({ kind: 'open', until: 30_102, openings: 1 });
    expect(succeeded(probing, 102)).toBe(closedBreaker);
    expect(admit(abandoned(probing, 102), 102, patience)).toEqual({ kind: 'halfOpen', until: 10_102, openings: 0 });
    expect(doubted(afterFailures(5), 10)).toEqual(afterFailures(5));
    expect(doubted(locked, 10)).toBe(locked);
  });

  test.each([closedBreaker, locked])('what a look says is nothing to a circuit that is not open', (state) => {
    expect([missed(state, 1e9), found(state, 1)]).toEqual([state, state]);
  });

  test('no opening is longer than its bound', () => {
    const sole = { ...policy, longestOpen: 10_000 };
    const open = Array.from({ length: 5 }).reduce<ReturnType<typeof failed>>(
      (state) => failed(state, 0, sole, 1),
      closedBreaker,
    );
    expect(open).toMatchObject({ kind: 'open', until: 10_000 });
  });
});

function create(kind: AiErrorKind) {
  const clock = createVirtualClock();
  const breaker = createCircuitBreaker({ clock, random: () => 0.5 });
  const broken = breaker.wrap(
    scriptedProvider({ answer: [new AiError(kind, 'scripted', `It said ${kind}.`)] }),
    policy,
  );
  const fine = scriptedProvider({ answer: ['yes'] });
  const well = breaker.wrap(fine, policy);
  const complete = (provider: typeof well) => provider.completeCode(automatic, signal);
  const fail = async (times: number) => {
    for (let time = 0; time < times; time += 1) await expect(complete(broken)).rejects.toThrow();
  };
  return { clock, breaker, broken, well, fine, complete, fail };
}

test('while it is open nothing is asked, until the probe that closes it', async () => {
  const { clock, breaker, well, fine, complete, fail } = create('server');
  await fail(5);
  await expect(complete(well)).rejects.toMatchObject({ kind: 'circuitOpen', retryAfter: 30_000 });
  expect(fine.counts.begun).toBe(0);
  expect(breaker.health()).toMatchObject({ state: 'open', message: 'It said server.' });
  await clock.advance(30_000);
  await complete(well);
  expect(breaker.state.kind).toBe('closed');
  expect(breaker.health()).toBeUndefined();
});

test('a chat, being asked for by hand, probes at once', async () => {
  const { breaker, well, fail } = create('server');
  await fail(5);
  expect(await textOf(well.streamChat(chatRequest([{ role: 'user', content: 'Why?' }]), signal))).toBe('yes');
  expect(breaker.state.kind).toBe('closed');
});

test.each(['rateLimited', 'cancelled', 'invalidRequest', 'contextLength', 'filtered', 'unsupported'] as const)(
  '%s does not count',
  async (kind) => {
    const { breaker, fail } = create(kind);
    await fail(20);
    expect(breaker.state.kind).toBe('closed');
  },
);

test('a refused key closes the door until somebody asks by hand, and says why', async () => {
  const { breaker, well, complete, fail } = create('authentication');
  await fail(1);
  await expect(complete(well)).rejects.toMatchObject({ kind: 'authentication', message: 'It said authentication.' });
  expect(breaker.health()).toMatchObject({ state: 'unconfigured' });
  await well.completeCode({ ...automatic, trigger: 'explicit' }, signal);
  await complete(well);
});

test('a refused key stays the reason, whatever a request by hand fails with', async () => {
  const { breaker, well, complete, fail } = create('authentication');
  await fail(1);
  const slow = breaker.wrap(scriptedProvider({ answer: [new AiError('timeout', 'scripted', 'Slow.')] }), policy);
  await expect(slow.completeCode({ ...automatic, trigger: 'explicit' }, signal)).rejects.toThrow('Slow.');
  await expect(complete(well)).rejects.toMatchObject({ kind: 'authentication', retryable: false });
  expect(breaker.health()).toMatchObject({ message: 'It said authentication.' });
});

test('leaving a stream without a word of it says nothing; with one it counts as an answer', async () => {
  const clock = createVirtualClock();
  const breaker = createCircuitBreaker({ clock, random: () => 0.5 });
  const controller = new AbortController();
  const silent = breaker.wrap(scriptedProvider({ answer: [hang] }), policy);
  const waiting = textOf(silent.streamChat(chatRequest([]), controller.signal));
  controller.abort();
  await expect(waiting).rejects.toThrow();
  expect(breaker.state).toEqual(closedBreaker);
  for await (const _chunk of breaker
    .wrap(scriptedProvider({ answer: ['a', 'b'] }), policy)
    .streamChat(chatRequest([]), signal))
    break;
  expect(breaker.state).toMatchObject({ kind: 'closed', recent: [{ failed: false }] });
});

test('a call that its deadline ends counts against the provider, and one that its caller ends does not', async () => {
  const clock = createVirtualClock();
  const breaker = createCircuitBreaker({ clock, random: () => 0.5 });
  const silent = breaker.wrap(scriptedProvider({ answer: [hang] }), policy);
  const late = new AiError('timeout', 'scripted', 'It did not finish.');
  const calls = [
    (own: AbortSignal) => silent.completeCode(automatic, own),
    (own: AbortSignal) => textOf(silent.streamChat(chatRequest([]), own)),
  ];
  for (const reason of [late, new DOMException('', 'AbortError')]) {
    for (const call of calls) {
      const controller = new AbortController();
      const ended = expect(call(controller.signal)).rejects.toThrow();
      await clock.advance(0);
      controller.abort(reason);
      await ended;
    }
  }
  expect(breaker.state).toMatchObject({ kind: 'closed', consecutive: 2 });
});

test("what a chat by another model comes to says nothing about the provider's own", async () => {
  const { breaker, broken, well, complete, fail } = create('permission');
  const other = chatRequest([], { model: 'another' });
  await expect(broken.chat(other, signal)).rejects.toThrow();
  await expect(textOf(broken.streamChat(other, signal))).rejects.toThrow();
  expect(breaker.state).toEqual(closedBreaker);
  await complete(well);
  await fail(1);
  expect(breaker.state).toEqual(locked);
  expect(await textOf(well.streamChat(other, signal))).toBe('yes');
  expect(breaker.state).toEqual(locked);
  await expect(broken.chat(chatRequest([], { model: broken.model }), signal)).rejects.toThrow();
  await textOf(well.streamChat(chatRequest([], { model: well.model }), signal));
  expect(breaker.state.kind).toBe('closed');
});

test('a word of others is looked into once, and a later one again', async () => {
  const { breaker, fail } = create('invalidRequest');
  await fail(1);
  let word = 0;
  const silent = breaker.wrap(scriptedProvider({ answer: [hang] }), policy, () => word);
  const fine = scriptedProvider({ answer: ['yes'] });
  const well = breaker.wrap(fine, policy, () => word);
  for (word of [1_000, 2_000]) {
    const controller = new AbortController();
    const probing = silent.completeCode(automatic, controller.signal).catch(() => 'cancelled');
    await expect(well.completeCode(automatic, signal)).rejects.toMatchObject({ kind: 'circuitOpen' });
    controller.abort();
    expect(await probing).toBe('cancelled');
    await well.completeCode(automatic, signal);
    expect(breaker.state.kind).toBe('closed');
    await Promise.all([well.completeCode(automatic, signal), well.completeCode(automatic, signal)]);
  }
  expect(fine.counts.begun).toBe(6);
});
