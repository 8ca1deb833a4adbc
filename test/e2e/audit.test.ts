/** What servers and commands write down of changes: each once, none with a key, and in one chain. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeyHome, type KeyHome, settingsOf } from '../support/key-home.ts';
import type { Json, TestServer } from '../support/server.ts';

const first = 'sk-canary-first-0123456789abcdef';
const second = 'sk-canary-second-0123456789abcdef';

function auditOf({ environment }: KeyHome): readonly Json[] {
  const file = join(environment['HOME'] ?? '', '.local/state/inkling/audit.jsonl');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain('canary');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Ends the server as an editor does, after which everything is written. */
async function leave(server: TestServer): Promise<void> {
  await server.request('shutdown').response;
  server.notify('exit');
  await server.exited;
}

test('a server writes down what took another effect, by whom, and nothing else', async () => {
  const home = await createKeyHome();
  home.configure(settingsOf(home.fake, { apiKey: first }));
  const server = await home.start({ completion: { maxLines: 3 } });
  server.notify('workspace/didChangeConfiguration', {
    settings: { inkling: { completion: { maxLines: 5, maxTokens: 256 } } },
  });
  server.notify('workspace/didChangeConfiguration', { settings: { inkling: { completion: { maxLines: 5 } } } });
  await server.request('inkling/setProvider', { provider: 'workspace' }).response;
  await leave(server);
  const lines = auditOf(home);
  const of = (path: string) =>
    lines.filter((line) => line.path === path).map(({ layer, before, after }) => [layer, before, after]);
  expect(of('completion.maxLines')).toEqual([
    ['initializationOptions', 12, 3],
    ['client', 3, 5],
  ]);
  expect(of('completion.maxTokens')).toEqual([]);
  expect(of('provider')).toEqual([
    ['user', 'workspace', 'fake'],
    ['session', 'fake', 'workspace'],
  ]);
  expect(of('providers.fake.apiKey')).toEqual([
    ['user', undefined, expect.stringMatching(/^\[secret sha256:[0-9a-f]{8}\]$/)],
  ]);
  expect(await home.run(['config', 'audit'])).toMatchObject({
    stdout: expect.stringMatching(
      new RegExp(`audit\\.jsonl: ${lines.length} lines, each follows from the one before\\n$`),
    ),
    code: 0,
  });
});

test('what is done to keys is written down, and that a server changed to another one', async () => {
  const home = await createKeyHome();
  home.accept(first);
  await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: first });
  const server = await home.start();
  const chat = (content: string) => server.request('inkling/chat', { messages: [{ role: 'user', content }] }).response;
  await chat('Why?');
  await home.run(['keys', 'rotate', 'fake'], { input: second });
  home.accept(second);
  await chat('And now?');
  await leave(server);
  await home.run(['keys', 'rotate', 'fake', '--finish']);
  await home.run(['keys', 'remove', 'fake']);
  const lines = auditOf(home).filter(({ event }) => event === 'key');
  const actions: string[] = lines.map(({ action }) => action);
  // Who of both finishes first is theirs to decide.
  expect(actions.filter((action) => action !== 'finished')).toEqual(['set', 'rotated', 'switched', 'removed']);
  expect(actions).toContain('finished');
  expect(new Set(lines.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  expect((await home.run(['config', 'audit'])).code).toBe(0);
});

test('servers at the same time write one chain, and a command none of its settings', async () => {
  const home = await createKeyHome();
  const servers = await Promise.all([home.start(), home.start(), home.start()]);
  await Promise.all(servers.map(leave));
  const before = auditOf(home).length;
  expect(new Set(auditOf(home).map(({ process }) => process)).size).toBe(3);
  await home.run(['doctor']);
  expect(auditOf(home)).toHaveLength(before);
  expect((await home.run(['config', 'audit'])).code).toBe(0);
});

test('switched off it writes nothing; elsewhere it writes there; and where it cannot it says so once', async () => {
  const home = await createKeyHome();
  home.configure({ ...settingsOf(home.fake), audit: { enabled: false } });
  await leave(await home.start());
  expect(auditOf(home)).toEqual([]);
  expect((await home.run(['config', 'audit'])).stdout).toContain('switched off ("audit.enabled")');
  const file = join(home.environment['HOME'] ?? '', 'own.jsonl');
  home.configure({ ...settingsOf(home.fake), audit: { file } });
  await leave(await home.start());
  expect(auditOf(home)).toEqual([]);
  expect(readFileSync(file, 'utf8')).toContain('"path":"audit.file"');
  home.configure({ ...settingsOf(home.fake), audit: { file: '/dev/null/audit.jsonl' } });
  const server = await home.start();
  await server.request('inkling/setProvider', { provider: 'workspace' }).response;
  await leave(server);
  expect(server.stderr().match(/cannot be written down/g)).toHaveLength(1);
});
