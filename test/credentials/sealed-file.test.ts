/** The encrypted file: what it seals opens for the same passphrase, user and name, and for nothing else. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/credentials/key-store.ts';
import { createPrivateFolder } from '../../src/credentials/private-folder.ts';
import { createSealedFile } from '../../src/credentials/sealed-file.ts';
import { systemClock } from '../../src/util/system-clock.ts';
import { temporaryFolder } from '../support/command-line.ts';

const never = new AbortController().signal;
const canary = 'sk-canary-0123456789abcdef';

function place() {
  const path = join(temporaryFolder(), 'keys');
  const folder = createPrivateFolder({ path, clock: systemClock, platform: process.platform });
  /** As another process would open it. */
  const opened = (passphrase: string | undefined) => {
    let asked = 0;
    const say = async () => {
      asked += 1;
      return passphrase;
    };
    return { store: createSealedFile({ folder, passphrase: say, newPassphrase: say }), asked: () => asked };
  };
  const sealed = join(path, 'sealed.json');
  return { path, opened, sealed };
}

test('by a passphrase, which is asked for once', async () => {
  const { opened, path, sealed } = place();
  const { store, asked } = opened('correct horse');
  await store.write('openai', canary, never);
  await store.write('gemini', 'other', never);
  expect(asked()).toBe(1);
  const again = opened('correct horse');
  expect(await again.store.read('openai', never)).toBe(canary);
  expect(await again.store.read('gemini', never)).toBe('other');
  expect(await again.store.read('mistral', never)).toBeUndefined();
  expect(again.asked()).toBe(1);
  expect(readdirSync(path)).toEqual(['sealed.json']);
  expect(readFileSync(sealed, 'utf8')).not.toContain(canary);
  expect(readFileSync(sealed, 'utf8')).not.toContain('correct horse');
});

test('another passphrase, or none, opens nothing and adds nothing', async () => {
  const { opened, sealed } = place();
  await opened('correct horse').store.write('openai', canary, never);
  const before = readFileSync(sealed, 'utf8');
  await expect(opened('wrong').store.read('openai', never)).rejects.toThrow('The passphrase does not open the keys');
  await expect(opened('wrong').store.write('gemini', 'x', never)).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(opened(undefined).store.read('openai', never)).rejects.toThrow('Set INKLING_PASSPHRASE');
  expect(readFileSync(sealed, 'utf8')).toBe(before);
});

test('by a key file, for who wants no passphrase', async () => {
  const { opened, path, sealed } = place();
  await opened(undefined).store.write('openai', canary, never);
  expect(readdirSync(path).sort()).toEqual(['sealed.json', 'sealing-key']);
  expect(await opened(undefined).store.read('openai', never)).toBe(canary);
  expect(readFileSync(sealed, 'utf8')).not.toContain(canary);
  rmSync(join(path, 'sealing-key'));
  await expect(opened(undefined).store.read('openai', never)).rejects.toThrow('has lost its sealing-key');
});

test('what is sealed for one name opens for no other', async () => {
  const { opened, sealed } = place();
  const { store } = opened(undefined);
  await store.write('openai', canary, never);
  await store.write('evil', 'x', never);
  const file = JSON.parse(readFileSync(sealed, 'utf8'));
  file.entries.evil = file.entries.openai;
  writeFileSync(sealed, JSON.stringify(file));
  await expect(opened(undefined).store.read('evil', never)).rejects.toThrow('holds a damaged key');
});

test('a changed byte is noticed', async () => {
  const { opened, sealed } = place();
  await opened(undefined).store.write('openai', canary, never);
  const file = JSON.parse(readFileSync(sealed, 'utf8'));
  const bytes = Buffer.from(file.entries.openai, 'base64');
  for (const at of [0, 12, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    writeFileSync(sealed, JSON.stringify({ ...file, entries: { openai: changed.toString('base64') } }));
    await expect(opened(undefined).store.read('openai', never)).rejects.toBeInstanceOf(StoreUnavailable);
  }
});

test.each(['', 'null', '{}', '{"version":1', '{"version":2,"sealedBy":"keyFile","salt":"","check":"","entries":{}}'])(
  'a file that is none of ours is told, not overwritten: %s',
  async (text) => {
    const { opened, sealed } = place();
    await opened(undefined).store.write('openai', canary, never);
    writeFileSync(sealed, text);
    await expect(opened(undefined).store.read('openai', never)).rejects.toThrow('damaged file of keys');
    await expect(opened(undefined).store.write('openai', 'x', never)).rejects.toThrow('damaged file of keys');
    expect(readFileSync(sealed, 'utf8')).toBe(text);
  },
);

test('removing one leaves the others', async () => {
  const { opened } = place();
  const { store } = opened(undefined);
  await store.write('openai', canary, never);
  await store.write('gemini', 'other', never);
  await store.remove('openai', never);
  await store.remove('never', never);
  expect(await store.read('openai', never)).toBeUndefined();
  expect(await store.read('gemini', never)).toBe('other');
});
