/** Stored keys over their life: set, found, replaced while in use, removed; and what a keychain may do to them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INDEX_FILE } from '../../src/credentials/key-index.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createTestKeys, type TestKeys } from '../support/key-stores.ts';

const never = new AbortController().signal;
const origin = 'https://api.openai.com';
const first = new Secret('sk-canary-first-0123456789');
const second = new Secret('sk-canary-second-0123456789');

async function withKey(keys: TestKeys = createTestKeys()): Promise<TestKeys> {
  await keys.stored.set('openai', { key: first, origin, store: 'keychain' }, never);
  return keys;
}

async function reading({ stored }: TestKeys, name = 'openai') {
  const found = await stored.read(name, never);
  return found?.key.reveal();
}

test('none is found without asking a keychain', async () => {
  const keys = createTestKeys();
  expect(await keys.stored.find('openai', never)).toBeUndefined();
  expect(await keys.stored.read('openai', never)).toBeUndefined();
  expect(await keys.stored.remove('openai', never)).toBeUndefined();
  expect(await keys.stored.rotate('openai', first, never)).toBeUndefined();
  expect(keys.keychain.reads).toBe(0);
});

test('one that was set is read, and what is known of it says neither the key nor much of it', async () => {
  const keys = await withKey();
  expect(await reading(keys)).toBe(first.reveal());
  const record = await keys.stored.find('openai', never);
  expect(record).toMatchObject({ store: 'keychain', origin });
  expect(record?.fingerprint).toMatch(/^[0-9a-f]{8}$/);
  expect(readFileSync(join(keys.folder.path, INDEX_FILE), 'utf8')).not.toContain('canary');
});

test('a key goes with its address: one that was changed beside it is found out', async () => {
  const keys = await withKey();
  const path = join(keys.folder.path, INDEX_FILE);
  writeFileSync(path, readFileSync(path, 'utf8').replace('api.openai.com', 'evil.example'));
  await expect(keys.stored.read('openai', never)).rejects.toThrow('was changed by something else');
});

test('a keychain that has lost it, or is locked, is not one without a key', async () => {
  const keys = await withKey();
  keys.keychain.lock(true);
  await expect(keys.stored.read('openai', never)).rejects.toThrow('it is locked');
  keys.keychain.lock(false);
  keys.keychain.entries.clear();
  await expect(keys.stored.read('openai', never)).rejects.toThrow('has no key "openai" any more');
});

test('where it cannot be stored, what was known stays', async () => {
  const keys = await withKey();
  keys.keychain.lock(true);
  await expect(keys.stored.set('openai', { key: second, origin, store: 'keychain' }, never)).rejects.toThrow('locked');
  await expect(keys.stored.rotate('openai', second, never)).rejects.toThrow('locked');
  await expect(keys.stored.remove('openai', never)).rejects.toThrow('locked');
  keys.keychain.lock(false);
  expect(await reading(keys)).toBe(first.reveal());
});

test('a rotation keeps the key before until it is finished', async () => {
  const keys = await withKey();
  const known = await keys.stored.find('openai', never);
  const record = await keys.stored.rotate('openai', second, never);
  expect(record?.previous).toEqual({ since: known?.since, fingerprint: known?.fingerprint });
  expect(await reading(keys)).toBe(second.reveal());
  expect((await keys.stored.readPrevious('openai', never))?.key.reveal()).toBe(first.reveal());
  expect(await keys.stored.finish('openai', 'another0', never)).toBe(false);
  expect(await keys.stored.finish('openai', record?.fingerprint, never)).toBe(true);
  expect(await keys.stored.finish('openai', undefined, never)).toBe(false);
  expect(await keys.stored.readPrevious('openai', never)).toBeUndefined();
  expect([...keys.keychain.entries.keys()]).toEqual(['openai']);
});

test('rotated again before the new key was seen to work, the one that did is kept', async () => {
  const keys = await withKey();
  await keys.stored.rotate('openai', new Secret('sk-mistyped'), never);
  const record = await keys.stored.rotate('openai', second, never);
  expect(await reading(keys)).toBe(second.reveal());
  expect((await keys.stored.readPrevious('openai', never))?.key.reveal()).toBe(first.reveal());
  expect(await keys.stored.finish('openai', record?.fingerprint, never)).toBe(true);
  expect([...keys.keychain.entries.keys()]).toEqual(['openai']);
});

test('a key in the other place replaces the one before and leaves nothing behind', async () => {
  const keys = await withKey();
  await keys.stored.rotate('openai', second, never);
  await keys.stored.set('openai', { key: first, origin, store: 'file' }, never);
  expect(await reading(keys)).toBe(first.reveal());
  expect(keys.keychain.entries.size).toBe(0);
});

test('removing forgets both keys', async () => {
  const keys = await withKey();
  await keys.stored.rotate('openai', second, never);
  expect(await keys.stored.remove('openai', never)).toMatchObject({ origin });
  expect(keys.keychain.entries.size).toBe(0);
  expect(await keys.stored.list(never)).toEqual([]);
});

test('what another process stores is seen at once', async () => {
  const keys = await withKey();
  expect(await keys.stored.find('gemini', never)).toBeUndefined();
  const path = join(keys.folder.path, INDEX_FILE);
  const index = JSON.parse(readFileSync(path, 'utf8'));
  index.keys.gemini = { ...index.keys.openai, fingerprint: '00000000' };
  writeFileSync(path, JSON.stringify(index));
  expect(await keys.stored.find('gemini', never)).toMatchObject({ fingerprint: '00000000' });
});

test.each([
  '',
  '[]',
  '{"version":2,"keys":{}}',
  '{"version":1,"keys":{"openai":{"store":"elsewhere"}}}',
  '{"version":1,"keys":{"openai":null}}',
])('a list of keys that is none is told, not replaced: %s', async (text) => {
  const keys = await withKey();
  const path = join(keys.folder.path, INDEX_FILE);
  writeFileSync(path, text);
  await expect(keys.stored.find('openai', never)).rejects.toThrow('damaged index.json');
  await expect(keys.stored.set('openai', { key: second, origin, store: 'keychain' }, never)).rejects.toThrow('damaged');
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('many at the same time lose nothing', async () => {
  const keys = createTestKeys();
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  await Promise.all(names.map((name) => keys.stored.set(name, { key: first, origin, store: 'keychain' }, never)));
  expect((await keys.stored.list(never)).map(([name]) => name).sort()).toEqual([...names].sort());
});
