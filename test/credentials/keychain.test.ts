/** The keychain of the system: whatever it does, it is answered in time, and never taken for empty because it failed. */
import { expect, test } from 'vitest';
import type { AskKeychain, KeychainQuestion } from '../../src/credentials/ask-keychain.ts';
import { StoreUnavailable } from '../../src/credentials/key-store.ts';
import { createKeychain } from '../../src/credentials/keychain.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

function keychainOf(answer: AskKeychain, onLateAnswer: () => void = () => undefined) {
  const clock = createVirtualClock();
  const questions: KeychainQuestion[] = [];
  const ask: AskKeychain = (question, signal) => {
    questions.push(question);
    return answer(question, signal);
  };
  return { clock, questions, keychain: createKeychain({ clock, ask, onLateAnswer }) };
}

/** An answer that is given when the test says so, or never. */
function awaited() {
  let resolve: (value: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<string | null>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  const signals: AbortSignal[] = [];
  const ask: AskKeychain = (_, signal) => {
    signals.push(signal);
    return promise;
  };
  return { ask, signals, resolve, reject };
}

test('what it holds, and that it holds nothing', async () => {
  const { keychain, questions, clock } = keychainOf(async () => 'value');
  expect(await keychain.read('openai', never)).toBe('value');
  expect(questions).toEqual([{ question: 'read', account: 'openai' }]);
  expect(await keychainOf(async () => null).keychain.read('openai', never)).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('whatever it throws makes it unavailable, never empty', async () => {
  const { keychain, clock } = keychainOf(async () => {
    throw new Error('unlock prompt was\ndismissed');
  });
  const questions = [
    () => keychain.read('openai', never),
    () => keychain.write('openai', 'x', never),
    () => keychain.remove('openai', never),
  ];
  for (const ask of questions) {
    const failure = await ask().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(String(failure)).toContain("The system's keychain is not available (unlock prompt was dismissed).");
  }
  expect(clock.pending).toBe(0);
});

test('one that does not answer is given up after five seconds, and its late answer is noticed', async () => {
  let late = 0;
  const { ask, resolve, signals } = awaited();
  const { keychain, clock } = keychainOf(ask, () => {
    late += 1;
  });
  let outcome: unknown;
  void keychain.read('openai', never).catch((error: unknown) => {
    outcome = error;
  });
  await clock.advance(4_999);
  expect(outcome).toBeUndefined();
  await clock.advance(1);
  expect(outcome).toBeInstanceOf(StoreUnavailable);
  expect(String(outcome)).toContain('it did not answer within 5 s');
  expect([late, signals[0]?.aborted]).toEqual([0, false]);
  resolve('value');
  await clock.advance(0);
  expect(late).toBe(1);
  expect(clock.pending).toBe(0);
});

test('one that is never answered does not wait for ever', async () => {
  let late = 0;
  const { ask, reject, signals } = awaited();
  const { keychain, clock } = keychainOf(ask, () => {
    late += 1;
  });
  void keychain.read('openai', never).catch(() => undefined);
  await clock.advance(5_000);
  expect(signals[0]?.aborted).toBe(false);
  await clock.advance(120_000);
  expect(signals[0]?.aborted).toBe(true);
  reject(new Error('aborted'));
  await clock.advance(0);
  expect([late, clock.pending]).toEqual([0, 0]);
});

test('who stops waiting is no failure of the keychain, and ends the question', async () => {
  const { ask, signals } = awaited();
  const { keychain, clock } = keychainOf(ask);
  const stop = new AbortController();
  const asked = keychain.read('openai', stop.signal).catch((error: unknown) => error);
  stop.abort(new Error('gone'));
  expect(String(await asked)).toBe('Error: gone');
  expect([signals[0]?.aborted, clock.pending]).toEqual([true, 0]);
});

test('a value counts as stored when it was read back', async () => {
  const { keychain, questions } = keychainOf(async ({ value }) => value ?? null);
  await keychain.write('openai', 'value', never);
  expect(questions).toEqual([{ question: 'write', account: 'openai', value: 'value' }]);
  const forgetful = keychainOf(async () => null).keychain;
  await expect(forgetful.write('openai', 'value', never)).rejects.toThrow('it did not keep what was stored');
});
