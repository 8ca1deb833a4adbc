/** A module of one's own through the built server: it answers, it is contained, and nobody but the user file names it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { codeBlocks } from '../support/documentation.ts';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import type { TestServer } from '../support/server.ts';
import { settingsFile, testKey } from './named-provider.ts';
import { inline, startLocal, texts, uri } from './setup.ts';

const question = { messages: [{ role: 'user', content: 'Why?' }], partialResultToken: 'part' };
const [documented = ''] = codeBlocks('providers.md', 'js');

function written(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-module-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'provider.js');
  writeFileSync(file, source);
  return file;
}

async function start(module: string): Promise<{ server: TestServer; fake: FakeProvider }> {
  const fake = await startFakeProvider();
  onTestFinished(() => fake.close());
  const mine = { kind: 'module', module, baseUrl: fake.origin, apiKey: { env: 'MY_KEY' } };
  const file = settingsFile({ provider: 'mine', completion: { fallback: [] }, providers: { mine } });
  const server = await startLocal({ arguments: ['--stdio', '--config', file], environment: { MY_KEY: testKey } });
  return { server, fake };
}

test('the documented one completes, by a path', async () => {
  const { server, fake } = await start(written(documented));
  fake.respond(async (exchange) => {
    await exchange.write('f(1);');
    await exchange.close();
  });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(fake.requests[0]).toMatchObject({ path: '/generate', headers: { authorization: `Bearer ${testKey}` } });
});

test('the documented one streams a chat, by a file: URL, and a cancel closes its socket', async () => {
  const { server, fake } = await start(pathToFileURL(written(documented)).href);
  const request = server.request('inkling/chat', question);
  const upstream = await fake.nextRequest();
  await fake.control(upstream).write('Be');
  const { value } = await server.nextNotification('$/progress', ({ token }) => token === 'part');
  expect(value).toEqual({ delta: 'Be' });
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
});

test.each([
  ['is no JavaScript', 'export default function (', /SyntaxError/],
  ['throws while it is loaded', 'throw new Error("no licence");', /no licence \(.*provider\.js:1/],
  ['speaks another version', 'export default () => ({ apiVersion: 7, chat() {} });', /apiVersion is 7/],
])('one that %s is told of, and the server runs on', async (_, source, message) => {
  const { server } = await start(written(source));
  const failure = await server.request('inkling/chat', question).failure;
  expect(failure).toMatchObject({ code: -32803, data: { kind: 'notConfigured', provider: 'mine' } });
  expect(failure.message).toMatch(message);
  expect((await server.request('inkling/providers').response).active).toBe('mine');
});

test('one that prints, hangs, rejects and throws behind its back disturbs neither the protocol nor the server', async () => {
  const source = `
    console.log('hello from the module');
    export default () => ({
      apiVersion: 1,
      chat(_, signal) {
        Promise.reject(new Error('nobody handles this'));
        signal.addEventListener('abort', () => { throw new Error('thrown by a listener'); });
        setTimeout(() => { setImmediate(console.log, 'thrown'); throw new Error('thrown by a timer'); });
        return new Promise(() => {});
      },
      countTokens: (text) => ({ tokens: text.length, exact: true }),
    });`;
  const { server } = await start(written(source));
  expect(await server.request('inkling/countTokens', { text: 'four' }).response).toEqual({ tokens: 4, exact: true });
  const request = server.request('inkling/chat', question);
  while (!/hello from the module.*thrown$/ms.test(server.stderr())) await new Promise(setImmediate);
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  expect(await server.request('inkling/countTokens', { text: 'four' }).response).toEqual({ tokens: 4, exact: true });
});

test.each([
  ['initializationOptions', true],
  ['the editor’s settings', false],
])('one that %s names is not loaded', async (_, early) => {
  const marker = join(tmpdir(), `inkling-module-was-loaded-${process.pid}-${String(early)}`);
  const module = written(`import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');`);
  const settings = { provider: 'mine', providers: { mine: { kind: 'module', module } } };
  const server = await startLocal(early ? { initializationOptions: settings } : {});
  if (!early) server.notify('workspace/didChangeConfiguration', { settings: { inkling: settings } });
  const { message } = await server.nextNotification('window/showMessage', ({ message: words }) =>
    words.includes('providers.mine.module'),
  );
  expect(message).toContain('in the user file alone');
  const { providers } = await server.request('inkling/providers').response;
  expect(providers.map(({ id }: { id: string }) => id)).not.toContain('mine');
  expect(() => rmSync(marker)).toThrow('ENOENT');
});
