/** llama.cpp's server through the built program, where a fake shows what a real one cannot: other models, and a socket that closes. */
import { expect, test } from 'vitest';
import {
  llamaLoading,
  llamaProperties,
  llamaSend,
  llamaText,
  llamaWithoutInfill,
} from '../support/fake-llama-cpp-wire.ts';
import type { FakeRequest, FakeResponder } from '../support/fake-provider.ts';
import { startNamedProvider, testKey } from './named-provider.ts';
import { inline, lastReason, texts, uri } from './setup.ts';

const llama = { id: 'llama-cpp', keyVariable: 'LLAMA_TEST_KEY' };
const question = { messages: [{ role: 'user', content: 'Why?' }], partialResultToken: 'part' };
const aside = ({ path }: FakeRequest): FakeResponder | undefined =>
  path === '/props' ? llamaProperties(2) : undefined;

test('completes', async () => {
  const { server, fake } = await startNamedProvider({ ...llama, fake: { respond: llamaText('f(1);\n'), aside } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(fake.requests[0]).toMatchObject({
    path: '/infill',
    headers: { authorization: `Bearer ${testKey}` },
    body: { input_prefix: '', prompt: 'const a = ', input_suffix: '\n', cache_prompt: true, id_slot: 0 },
  });
});

test('completes with a model that only chats', async () => {
  const respond: FakeResponder = (exchange) =>
    exchange.request.path === '/infill'
      ? llamaWithoutInfill(exchange)
      : llamaText('<COMPLETION>f(1);</COMPLETION>', { chunkSize: 5 })(exchange);
  const { server } = await startNamedProvider({ ...llama, fake: { respond, aside } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(JSON.stringify(await lastReason(server))).toContain('hole filler');
});

test('streams a chat', async () => {
  const usage = { inputTokens: 9, outputTokens: 2, cachedInputTokens: 4 };
  const respond = llamaText('Because.', { chunkSize: 4, usage });
  const { server } = await startNamedProvider({ ...llama, fake: { respond, aside } });
  const answer = await server.request('inkling/chat', question).response;
  expect(answer).toMatchObject({ message: { content: 'Because.' }, provider: 'llama-cpp', usage });
  const parts = server.notifications.filter(({ params }) => params?.token === 'part');
  expect(parts.map(({ params }) => params.value.delta).join('')).toBe('Because.');
});

test('a cancel in the middle closes the socket', async () => {
  const { server, fake } = await startNamedProvider({ ...llama, fake: { aside } });
  const request = server.request('inkling/chat', question);
  const upstream = await fake.nextRequest();
  await llamaSend(fake.control(upstream), 'Be');
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
});

test('a server that loads its model is said in the status', async () => {
  const { server } = await startNamedProvider({ ...llama, fake: { respond: llamaLoading, aside } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual([]);
  const status = await server.nextNotification('didChangeStatus', ({ kind }) => kind === 'Warning');
  expect(status.message).toContain('is loading its model');
});
