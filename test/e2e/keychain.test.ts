/** Stored keys in a real keychain, by real processes: kept, found, locked, frozen, and never asked for nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyHome, type KeyHome } from '../support/key-home.ts';
import {
  type SecretService,
  secretServicePrograms,
  startSecretService,
  titledBySecretService,
} from '../support/secret-service.ts';
import type { TestServer } from '../support/server.ts';
import { inline, lastReason, uri } from './setup.ts';

const first = 'sk-canary-first-0123456789abcdef';
const second = 'sk-canary-second-0123456789abcdef';

const chat = (server: TestServer, content: string) =>
  server.request('inkling/chat', { messages: [{ role: 'user', content }] });

describe.skipIf(secretServicePrograms === undefined)(titledBySecretService('a keychain'), () => {
  let service: SecretService;
  beforeAll(async () => {
    if (secretServicePrograms !== undefined) service = await startSecretService(secretServicePrograms);
  });
  afterAll(() => service?.stop());

  async function homeWithKey(): Promise<KeyHome> {
    await service.restart('unlocked');
    const home = await createKeyHome(service.environment);
    home.accept(first);
    expect(await home.run(['keys', 'set', 'fake'], { input: first })).toMatchObject({ code: 0, stderr: '' });
    return home;
  }

  test('keeps a key over its life', async () => {
    const home = await homeWithKey();
    expect(readdirSync(home.keys)).toEqual(['index.json']);
    expect(readFileSync(join(home.keys, 'index.json'), 'utf8')).not.toContain('canary');
    expect((await home.run(['keys', 'list'])).stdout).toMatch(/^fake\tkeychain\t/);
    expect((await home.run(['keys', 'get', 'fake', '--reveal'])).stdout).toBe(`${first}\n`);
    expect((await home.run(['keys', 'rotate', 'fake'], { input: second })).code).toBe(0);
    expect((await home.run(['keys', 'get', 'fake', '--reveal'])).stdout).toBe(`${second}\n`);
    expect((await home.run(['keys', 'rotate', 'fake', '--finish'])).stdout).toContain(
      'The old key of "fake" is dropped.',
    );
    expect((await home.run(['keys', 'remove', 'fake'])).stdout).toContain("removed from the system's keychain");
    expect((await home.run(['keys', 'get', 'fake'])).code).toBe(1);
  });

  test('is asked by a server, which changes to a new key when the old one is refused', async () => {
    const home = await homeWithKey();
    const server = await home.start();
    await chat(server, 'Why?').response;
    await home.run(['keys', 'rotate', 'fake'], { input: second });
    home.accept(second);
    await chat(server, 'And now?').response;
    expect(home.sent()).toEqual([first, first, second]);
    expect((await home.run(['doctor'])).stdout).toMatch(/✓ key {8}from the system's keychain, stored [\d-]+\n/);
  });

  test('that is locked is told, by hand asked again, and by typing not', async () => {
    const home = await homeWithKey();
    await service.restart('locked');
    const server = await home.start();
    expect((await chat(server, 'Why?').failure).message).toMatch(
      /^The key of provider "fake" cannot be read\. The system's keychain is not available \(.+\)\. An explicit request asks again\.$/,
    );
    server.open(uri, 'const a = ');
    expect(await inline(server, 0, 10, 2).response).toEqual({ items: [] });
    expect((await lastReason(server)).reason).toContain("The system's keychain is not available");
    expect(home.sent()).toEqual([]);
    await service.restart('unlocked');
    expect((await chat(server, 'And now?').response).message.content).toBe('f();\nrest');
    expect(await home.run(['keys', 'set', 'fake'], { input: second })).toMatchObject({ code: 0 });
  });

  test('that takes questions and answers none holds nobody up', async () => {
    const home = await homeWithKey();
    service.freeze();
    try {
      const server = await home.start();
      server.open(uri, 'const a = ');
      expect(await inline(server, 0, 10, 2).response).toEqual({ items: [] });
      expect((await lastReason(server)).reason).toContain('The key of provider "fake" is being asked for.');
      expect((await chat(server, 'Why?').failure).message).toContain('cannot be read');
      const { code, stderr } = await home.run(['keys', 'get', 'fake', '--reveal']);
      expect(code).toBe(1);
      expect(stderr).toContain("The system's keychain is not available");
    } finally {
      service.thaw();
    }
  });

  test('is not asked where no key is stored', async () => {
    const home = await createKeyHome(service.environment);
    home.accept(first);
    service.freeze();
    try {
      expect((await chat(await home.start(), 'Why?').failure).data.kind).toBe('authentication');
      expect((await home.run(['keys', 'list'])).code).toBe(0);
    } finally {
      service.thaw();
    }
  });
});
