/** The figures of a running server, by LSP and by the port that its settings name. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { runCommand } from '../support/command-line.ts';
import { errorStatus, inTurn, streamText } from '../support/fake-responders.ts';
import { startRemote } from './setup.ts';

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const ask = { messages: [{ role: 'user', content: 'Why?' }] };

test('a call that was tried again is counted, and the breaker is named', async () => {
  const respond = inTurn(errorStatus(500), streamText('Because.'));
  const { server } = await startRemote({ fake: { respond }, settings: { resilience: { retryBaseDelay: 10 } } });
  await server.request('inkling/chat', ask).response;
  const { providers } = await server.request('inkling/stats', {}).response;
  expect(providers.fake).toMatchObject({ requests: 1, retries: 1, breaker: 'closed', errors: {} });
});

test('a refused key locks the provider, and the figures say so', async () => {
  const { server } = await startRemote({ fake: { respond: errorStatus(401) } });
  await server.request('inkling/chat', ask).failure;
  const { providers } = await server.request('inkling/stats', {}).response;
  expect(providers.fake).toMatchObject({ retries: 0, breaker: 'locked', errors: { authentication: 1 } });
});

test('inkling stats reads them from the port of the settings, until the setting is gone', async () => {
  const port = await freePort();
  const respond = streamText('Because.', { usage: { inputTokens: 7, outputTokens: 2 } });
  const { server } = await startRemote({ fake: { respond }, settings: { metrics: { port } } });
  await server.request('inkling/chat', ask).response;

  const table = await runCommand(['stats', '--port', String(port)]);
  expect(table).toMatchObject({ stderr: '', code: 0 });
  expect(table.stdout).toMatch(/^fake\n {2}requests +1, 0 of them cancelled, 0 tried again\n {2}errors +none\n/);
  expect(table.stdout).toMatch(/ {2}tokens +7 in, 2 out\n {2}first token +[\d.]+ ms at p50/);
  expect(table.stdout).toMatch(/\nsuggestions\n {2}offered +0/);
  expect(table.stdout).toMatch(
    /\ncache\n {2}answered +0 of 1, 0 by a call under way\n {2}kept +1 answers, [\d.]+ KB\n$/,
  );
  const json = await runCommand(['stats', '--json'], { settings: { metrics: { port } } });
  expect(JSON.parse(json.stdout)).toContainEqual({
    name: 'inkling_provider_requests_total',
    labels: { provider: 'fake' },
    value: 1,
  });

  server.notify('workspace/didChangeConfiguration', { settings: { metrics: { port: null } } });
  await server.request('inkling/stats', {}).response;
  await expect
    .poll(async () => (await runCommand(['stats', `--port=${port}`])).stderr)
    .toMatch(/No server gives its figures at http:\/\/127\.0\.0\.1:\d+\/metrics/);
  expect(server.stderr()).toBe('');
});

test('says what is wrong where there is nothing to read', async () => {
  const unset = await runCommand(['stats']);
  expect(unset).toMatchObject({ stdout: '', code: 2, stderr: expect.stringContaining('"metrics": {"port"') });
  const wrong = await runCommand(['stats', '--port', '99999']);
  expect(wrong).toMatchObject({ stdout: '', code: 2, stderr: expect.stringContaining('from 1 to 65535') });
  const silent = await runCommand(['stats', '--port', String(await freePort())]);
  expect(silent).toMatchObject({ stdout: '', code: 1, stderr: expect.stringContaining('Is an editor open') });
});

test('a server that comes second for the port works all the same', async () => {
  const port = await freePort();
  const settings = { metrics: { port } };
  const first = await startRemote({ fake: { respond: streamText('One.') }, settings });
  await expect.poll(async () => (await runCommand(['stats', '--port', String(port)])).code).toBe(0);
  const second = await startRemote({ fake: { respond: streamText('Two.') }, settings });
  expect((await second.server.request('inkling/chat', ask).response).message.content).toBe('Two.');
  expect((await first.server.request('inkling/chat', ask).response).message.content).toBe('One.');
});
