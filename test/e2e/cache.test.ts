/** Through the built server: what is asked again is answered by what was answered before, and says so. */
import { expect, test } from 'vitest';
import { streamText } from '../support/fake-responders.ts';
import type { TestServer } from '../support/server.ts';
import { inline, lastReason, startRemote, texts, uri } from './setup.ts';

const question = { messages: [{ role: 'user', content: 'Why?' }] };
const ask = (server: TestServer, more: object = {}) =>
  server.request('inkling/chat', { ...question, ...more }).response;
const stats = async (server: TestServer) => (await server.request('inkling/stats').response).cache;

test('a chat asked again is answered at once, streamed too, until the cache is cleared', async () => {
  const { server, fake } = await startRemote({ fake: { respond: streamText('Because.') } });
  const first = await ask(server);
  const again = await ask(server, { partialResultToken: 'part' });
  expect(first.cached).toBe(false);
  expect(again).toEqual({ ...first, usage: undefined, cached: true });
  expect(await server.nextNotification('$/progress')).toEqual({ token: 'part', value: { delta: 'Because.' } });
  expect(fake.requests).toHaveLength(1);
  await server.request('workspace/executeCommand', { command: 'inkling.clearCache' }).response;
  expect((await ask(server)).cached).toBe(false);
  expect(fake.requests).toHaveLength(2);
  expect(await stats(server)).toMatchObject({ hits: 1, misses: 2, entries: 1 });
});

test('another question, another answer wanted, or no cache: asked anew', async () => {
  const { server, fake } = await startRemote({ fake: { respond: streamText('Because.') } });
  await ask(server);
  for (const more of [{ maxTokens: 5 }, { temperature: 1 }, { temperature: 1 }, { model: 'other' }]) {
    expect((await ask(server, more)).cached).toBe(false);
  }
  expect(fake.requests).toHaveLength(5);
  server.notify('workspace/didChangeConfiguration', { settings: { inkling: { cache: { enabled: false } } } });
  expect((await ask(server)).cached).toBe(false);
});

test('a file opened again gets the suggestion it had, without a request', async () => {
  const { server, fake } = await startRemote({ fake: { respond: streamText('f();') } });
  for (let time = 1; time <= 2; time += 1) {
    server.open(uri, 'const a = ');
    expect(texts(await inline(server, 0, 10).response)).toEqual(['f();']);
    server.notify('textDocument/didClose', { textDocument: { uri } });
  }
  expect(fake.requests).toHaveLength(1);
  expect((await lastReason(server)).reason).toMatch(/cache/);
});

/** Two chats of which the server knows that they are the same. */
async function askTwice(server: TestServer) {
  const calls = [server.request('inkling/chat', question), server.request('inkling/chat', question)] as const;
  while ((await stats(server)).joined === 0);
  return calls;
}

test('two identical chats under way are one request; cancelling one leaves the other its answer', async () => {
  const { server, fake } = await startRemote();
  const [first, second] = await askTwice(server);
  const upstream = await fake.nextRequest();
  const exchange = fake.control(upstream);
  await exchange.send('Be');
  first.cancel();
  expect(await first.failure).toMatchObject({ code: -32800 });
  expect(exchange.isClosed).toBe(false);
  await exchange.send('cause.');
  await exchange.end();
  expect(await second.response).toMatchObject({ message: { content: 'Because.' }, cached: false });
  expect(fake.requests).toHaveLength(1);
});

test('when the last of them is cancelled the connection closes', async () => {
  const { server, fake } = await startRemote();
  const calls = await askTwice(server);
  const upstream = await fake.nextRequest();
  await fake.control(upstream).send('Be');
  for (const call of calls) call.cancel();
  for (const call of calls) expect(await call.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
  expect(fake.requests).toHaveLength(1);
});
