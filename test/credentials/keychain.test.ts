/** The keychain of the system: whatever it does, it is answered in time, and never taken for empty because it failed. */
import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/credentials/key-store.ts';
import { createKeychain, type KeychainEntry } from '../../src/credentials/keychain.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

function keychainOf(entry: Partial<KeychainEntry>, onLateAnswer?: () => void) {
  const clock = createVirtualClock();
  const opened: string[] = [];
  const unasked = async () => {
    throw new Error('Nobody asked for this.');
  };
  const load = () => (service: string, account: string) => {
    opened.push(`${service}/${account}`);
    return { getPassword: unasked, setPassword: unasked, deletePassword: unasked, ...entry };
  };
  return { clock, opened, keychain: createKeychain({ clock, load, ...(onLateAnswer && { onLateAnswer }) }) };
}

test('nothing is loaded before it is asked', () => {
  let loaded = 0;
  createKeychain({
    clock: createVirtualClock(),
    load() {
      loaded += 1;
      throw new Error('not here');
    },
  });
  expect(loaded).toBe(0);
});

test('what it holds, and that it holds nothing', async () => {
  const { keychain, opened, clock } = keychainOf({ getPassword: async () => 'value' });
  expect(await keychain.read('openai', never)).toBe('value');
  expect(opened).toEqual(['inkling-language-server/openai']);
  expect(await keychainOf({ getPassword: async () => null }).keychain.read('openai', never)).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('a package that is not installed is an unavailable keychain', async () => {
  const keychain = createKeychain({
    clock: createVirtualClock(),
    load() {
      throw new Error('its package is not installed');
    },
  });
  const failure = await keychain.read('openai', never).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreUnavailable);
  expect(String(failure)).toContain("The system's keychain is not available (its package is not installed).");
});

test('whatever it throws makes it unavailable, never empty', async () => {
  const broken = async () => {
    throw new Error('unlock prompt was\ndismissed');
  };
  const { keychain } = keychainOf({ getPassword: broken, setPassword: broken, deletePassword: broken });
  for (const asked of [
    keychain.read('openai', never),
    keychain.write('openai', 'x', never),
    keychain.remove('openai', never),
  ]) {
    await expect(asked).rejects.toThrow("The system's keychain is not available (unlock prompt was dismissed).");
    await expect(asked).rejects.toBeInstanceOf(StoreUnavailable);
  }
});

test('one that does not answer is given up after five seconds, and its late answer is noticed', async () => {
  let answer: (value: string) => void = () => undefined;
  let late = 0;
  const getPassword = () =>
    new Promise<string>((resolve) => {
      answer = resolve;
    });
  const { keychain, clock } = keychainOf({ getPassword }, () => {
    late += 1;
  });
  const asked = keychain.read('openai', never).catch((error: unknown) => error);
  await clock.advance(4_999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(String(await asked)).toContain('it did not answer within 5 s');
  expect(late).toBe(0);
  answer('value');
  await clock.advance(0);
  expect(late).toBe(1);
  expect(clock.pending).toBe(0);
});

test('who stops waiting is no failure of the keychain', async () => {
  const { keychain, clock } = keychainOf({ getPassword: () => new Promise(() => undefined) });
  const stop = new AbortController();
  const asked = keychain.read('openai', stop.signal).catch((error: unknown) => error);
  stop.abort(new Error('gone'));
  expect(String(await asked)).toBe('Error: gone');
  expect(clock.pending).toBe(0);
});

test('a value counts as stored when it was read back', async () => {
  let kept = '';
  const entry = {
    setPassword: async (value: string) => {
      kept = value;
    },
    getPassword: async () => kept,
  };
  await keychainOf(entry).keychain.write('openai', 'value', never);
  expect(kept).toBe('value');
  const forgetful = keychainOf({ ...entry, getPassword: async () => null }).keychain;
  await expect(forgetful.write('openai', 'value', never)).rejects.toThrow('it did not keep what was stored');
});
