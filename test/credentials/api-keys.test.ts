/** The keys of providers as calls meet them: asked for once and late, never twice for nothing, changed when refused. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { vendorKeys } from '../../src/config/vendors.ts';
import { createApiKeys } from '../../src/credentials/api-keys.ts';
import type { KeyEvent } from '../../src/credentials/entry-key.ts';
import { StoreUnavailable } from '../../src/credentials/key-store.ts';
import { AiError } from '../../src/domain/ai-error.ts';
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createTestKeys } from '../support/key-stores.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';

const never = new AbortController().signal;
const origin = 'https://api.openai.com';
const openai: ProviderEntry = { id: 'openai', kind: 'openai', baseUrl: `${origin}/v1` };
const first = 'sk-canary-first-0123456789';
const second = 'sk-canary-second-0123456789';

interface Scene {
  readonly environment?: Record<string, string>;
  readonly entry?: ProviderEntry;
  /** What the program prints, one text for each run. */
  readonly printed?: string[];
}

function scene({ environment = {}, entry = openai, printed = [] }: Scene = {}) {
  const keys = createTestKeys();
  const { clock, log, logged } = providerDependencies();
  const events: KeyEvent[] = [];
  let opened = 0;
  const renewed: string[] = [];
  const runs: (readonly string[])[] = [];
  const apiKeys = createApiKeys({
    secrets: { environment: (name) => environment[name] },
    vendorKeys: ({ kind, baseUrl }) => vendorKeys(kind, baseUrl),
    async stored() {
      opened += 1;
      return keys.stored;
    },
    async runCommand(command) {
      runs.push(command);
      const text = printed.shift();
      if (text === undefined) throw new StoreUnavailable('The program "op" ended with exit code 1.');
      return text;
    },
    clock,
    log,
    onEvent: (event) => void events.push(event),
    onRenewed: (provider) => void renewed.push(provider),
  });
  const key = apiKeys.of(entry);
  /** The key in one line, or what is said instead. */
  const now = () => {
    try {
      return key.now()?.reveal() ?? 'none';
    } catch (error) {
      expect(error).toBeInstanceOf(AiError);
      return error instanceof AiError ? `${error.kind}: ${error.message}` : '';
    }
  };
  const store = (value: string, at = origin) =>
    keys.stored.set('openai', { key: new Secret(value), origin: at, store: 'keychain' }, never);
  const ready = () => key.distant?.ready('asking', never);
  return { ...keys, apiKeys, clock, logged, events, renewed, runs, key, now, store, ready, opened: () => opened };
}

test('a key at hand is there at once, and nothing is opened for it', async () => {
  const { key, now, opened } = scene({ environment: { OPENAI_API_KEY: first } });
  expect(now()).toBe(first);
  expect(key.distant).toBeUndefined();
  expect(await key.describe(never)).toEqual({ source: 'environment OPENAI_API_KEY' });
  expect(opened()).toBe(0);
});

describe('a stored key', () => {
  test('is looked for without a keychain, and asked for once by the first that needs it', async () => {
    const { key, now, store, ready, keychain } = scene();
    await store(first);
    const before = keychain.reads;
    await key.distant?.look();
    expect(key.distant?.health()).toEqual({ state: 'ready' });
    expect(keychain.reads).toBe(before);
    await Promise.all([ready(), ready(), ready()]);
    await ready();
    expect(now()).toBe(first);
    expect(keychain.reads).toBe(before + 1);
    expect(await key.describe(never)).toEqual({
      source: expect.stringMatching(/^the system's keychain, stored \d{4}-\d\d-\d\d$/),
    });
  });

  test('where none is stored no keychain is asked, and one stored later is found', async () => {
    const { now, ready, store, keychain, key, clock } = scene();
    await ready();
    expect(now()).toBe('none');
    expect(await key.describe(never)).toMatchObject({ missing: expect.stringContaining('inkling keys set openai') });
    expect(keychain.reads).toBe(0);
    await store(first);
    await clock.advance(1_000);
    await ready();
    expect(now()).toBe(first);
  });

  test('is not sent where it was not stored for', async () => {
    const entry = { ...openai, baseUrl: 'https://gateway.example/v1' };
    const { now, store, ready, key, keychain } = scene({ entry });
    await store(first);
    const before = keychain.reads;
    await ready();
    expect(now()).toBe(
      'notConfigured: The key stored as "openai" is for https://api.openai.com, and provider "openai" points to https://gateway.example. It is sent nowhere else: to store one for this address, run "inkling keys set openai".',
    );
    expect(key.distant?.health()).toMatchObject({ state: 'unconfigured' });
    expect(keychain.reads).toBe(before);
  });

  test('for this address goes before a variable that belongs to another', async () => {
    const entry = { ...openai, baseUrl: 'https://gateway.example/v1' };
    const { now, store, ready, clock } = scene({ entry, environment: { OPENAI_API_KEY: second } });
    await ready();
    expect(now()).toContain('OPENAI_API_KEY is sent to https://api.openai.com alone');
    await store(first, 'https://gateway.example');
    await clock.advance(1_000);
    await ready();
    expect(now()).toBe(first);
  });

  test('does not cross a network in the open', async () => {
    const { now, store, ready } = scene({ entry: { ...openai, baseUrl: 'http://gateway.example/v1' } });
    await store(first, 'http://gateway.example');
    await ready();
    expect(now()).toContain('without TLS');
  });

  test('of a locked keychain holds nobody up twice, until somebody asks by hand', async () => {
    const { now, store, key, keychain, clock, logged } = scene();
    await store(first);
    keychain.lock(true);
    await key.distant?.ready('typing', never);
    const asked = keychain.reads;
    for (let keystroke = 0; keystroke < 50; keystroke += 1) await key.distant?.ready('typing', never);
    expect(keychain.reads).toBe(asked);
    expect(now()).toContain('it is locked');
    expect(logged.filter((line) => line.includes('cannot be had'))).toHaveLength(1);
    keychain.lock(false);
    await key.distant?.ready('typing', never);
    expect(now()).toContain('it is locked');
    await key.distant?.ready('asking', never);
    expect(now()).toBe(first);
    expect(clock.pending).toBe(0);
  });

  test('of a keychain that was unlocked at leisure is asked for by the next keystroke', async () => {
    const { now, store, key, keychain, apiKeys } = scene();
    await store(first);
    keychain.lock(true);
    await key.distant?.ready('typing', never);
    keychain.lock(false);
    apiKeys.askAgain();
    // Not "there is none": who counts calls by the key would take that for an answer.
    expect(key.distant?.health()).toEqual({ state: 'ready' });
    await key.distant?.ready('typing', never);
    expect(now()).toBe(first);
  });

  test('that takes its time does not keep who types waiting', async () => {
    const { key, now, store, keychain, clock } = scene();
    await store(first);
    let answer: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { read } = keychain;
    keychain.read = async (account, signal) => {
      await slow;
      return read(account, signal);
    };
    await key.distant?.look();
    let waited = false;
    const typing = key.distant?.ready('typing', never).then(() => {
      waited = true;
    });
    await clock.advance(249);
    expect(waited).toBe(false);
    await clock.advance(1);
    await typing;
    expect(now()).toBe('notConfigured: The key of provider "openai" is being asked for. Try again.');
    answer();
    await key.distant?.ready('typing', never);
    expect(now()).toBe(first);
  });

  test('the same entry has the same key, another address another', () => {
    const { apiKeys, key } = scene();
    expect(apiKeys.of({ ...openai, model: 'other' })).toBe(key);
    expect(apiKeys.of({ ...openai, baseUrl: 'https://x.example' })).not.toBe(key);
  });
});

test('a call that began under an entry of yesterday leaves the key of today as it is', async () => {
  const { apiKeys, key, now, store, ready } = scene();
  await store(first);
  await ready();
  const today = { ...openai, headers: { 'x-team': 'one' } };
  const newer = apiKeys.of(today);
  await newer.distant?.ready('asking', never);
  expect(apiKeys.of(openai)).toBe(key);
  expect(now()).toBe(first);
  expect(apiKeys.of(today)).toBe(newer);
  expect(
    apiKeys
      .of({ ...today })
      .now()
      ?.reveal(),
  ).toBe(first);
});

describe('a key that is refused', () => {
  const secret = (value: string) => new Secret(value);

  test('is replaced by the one stored since, once and for all calls', async () => {
    const { key, now, store, ready, stored, events } = scene();
    await store(first);
    await ready();
    await stored.rotate('openai', secret(second), never);
    expect(now()).toBe(first);
    const refused = await Promise.all([1, 2, 3].map(async () => key.distant?.refused(secret(first))));
    expect(refused).toEqual([true, true, true]);
    expect(now()).toBe(second);
    expect(events).toEqual([{ action: 'switched', provider: 'openai', fingerprint: expect.any(String) }]);
    expect(await key.distant?.refused(secret(first))).toBe(true);
  });

  test('and is the newest gives way to the one before, where a rotation is under way', async () => {
    const { key, now, store, ready, stored } = scene();
    await store(first);
    await stored.rotate('openai', secret(second), never);
    await ready();
    expect(now()).toBe(second);
    expect(await key.distant?.refused(secret(second))).toBe(true);
    expect(now()).toBe(first);
    // It did not become the newest by that.
    key.distant?.worked(secret(first));
    expect((await stored.find('openai', never))?.previous).toMatchObject({
      fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
  });

  test('and was rotated to itself is no other', async () => {
    const { key, store, ready, stored, events } = scene();
    await store(first);
    await stored.rotate('openai', secret(first), never);
    await ready();
    expect(await key.distant?.refused(secret(first))).toBe(false);
    expect(events).toEqual([]);
  });

  test('stays where there is no other', async () => {
    const { key, now, store, ready, keychain } = scene();
    await store(first);
    await ready();
    expect(await key.distant?.refused(secret(first))).toBe(false);
    keychain.lock(true);
    expect(await key.distant?.refused(secret(first))).toBe(false);
    expect(now()).toBe(first);
    expect(key.distant?.advice()).toMatch(
      /^openai does not accept the key from the system's keychain, stored [\d-]+\. Store another one: inkling keys set openai$/,
    );
  });

  test('and was the only one is looked after, until another one is stored', async () => {
    const { key, now, store, ready, renewed, clock } = scene();
    await store(first);
    await ready();
    await key.distant?.refused(secret(first));
    await key.distant?.refused(secret(first));
    // Looked at several times: a look is under way while no timer is.
    for (let looks = 0; looks < 4; ) {
      if (clock.pending === 1) looks += 1;
      await clock.advance(clock.pending === 1 ? 5_000 : 0);
    }
    expect(renewed).toEqual([]);
    await store(second);
    while (renewed.length === 0) await clock.advance(5_000);
    expect(renewed).toEqual(['openai']);
    expect(key.distant?.health()).toEqual({ state: 'ready' });
    await ready();
    expect([now(), clock.pending]).toEqual([second, 0]);
  });

  test('and belongs to settings of yesterday is looked after no longer', async () => {
    const { key, store, ready, apiKeys, clock } = scene();
    await store(first);
    await ready();
    await key.distant?.refused(secret(first));
    expect(clock.pending).toBe(1);
    apiKeys.of({ ...openai, baseUrl: 'https://x.example' });
    expect(clock.pending).toBe(0);
  });

  test('by a call that began under settings of yesterday is never looked after', async () => {
    const { key, store, ready, apiKeys, clock } = scene();
    await store(first);
    await ready();
    apiKeys.of({ ...openai, baseUrl: 'https://x.example' });
    await key.distant?.refused(secret(first));
    expect(clock.pending).toBe(0);
  });

  test('is looked after no longer where its entry is gone, also in the middle of a look', async () => {
    const { key, store, ready, apiKeys, clock, stored } = scene();
    await store(first);
    await ready();
    await key.distant?.refused(secret(first));
    const looking = clock.advance(5_000);
    apiKeys.forget('openai');
    await looking;
    await stored.find('openai', never);
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  test('the key before is dropped when the new one was seen to work', async () => {
    const { key, store, ready, stored, events, clock } = scene();
    await store(first);
    await stored.rotate('openai', secret(second), never);
    await ready();
    key.distant?.worked(secret(second));
    key.distant?.worked(secret(second));
    while (events.length === 0) await clock.advance(0);
    expect(events).toEqual([{ action: 'finished', provider: 'openai', fingerprint: expect.any(String) }]);
    expect(await stored.readPrevious('openai', never)).toBeUndefined();
  });
});

describe('a key that a program prints', () => {
  const entry: ProviderEntry = { ...openai, apiKey: { command: ['op', 'read', first] } };

  test('is asked for when it is needed, kept, and asked for again when it is refused', async () => {
    const { key, now, ready, runs, events } = scene({ entry, printed: [first, second, second] });
    await key.distant?.look();
    expect(runs).toEqual([]);
    await Promise.all([ready(), ready()]);
    expect(now()).toBe(first);
    expect(await key.distant?.refused(new Secret(first))).toBe(true);
    expect(now()).toBe(second);
    expect(await key.distant?.refused(new Secret(second))).toBe(false);
    expect(runs).toHaveLength(3);
    expect(events).toHaveLength(1);
    expect(await key.describe(never)).toEqual({ source: 'the program "op"' });
  });

  test('that cannot be had is said without what the program is told', async () => {
    const { now, ready, logged } = scene({ entry });
    await ready();
    expect(now()).toContain('The program "op" ended with exit code 1.');
    expect(now()).not.toContain(first);
    expect(logged.join()).not.toContain(first);
  });

  test('that is no key is refused and not shown', async () => {
    const { now, ready } = scene({ entry, printed: [`${first}\nsecond line`] });
    await ready();
    expect(now()).toContain('holds characters no key has');
    expect(now()).not.toContain(first);
  });
});

test('nothing of it can be printed by accident', async () => {
  const { key, apiKeys, store, ready } = scene();
  await store(first);
  await ready();
  expect(inspect([key, apiKeys], { depth: 9, showHidden: true })).not.toContain('canary');
  expect(JSON.stringify([key, apiKeys])).not.toContain('canary');
});
