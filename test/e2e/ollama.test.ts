/** Ollama through the built server: a model that loads, the middle filled, streamed chat, and a cancel that closes the socket. */
import { expect, test } from 'vitest';
import {
  isOllamaLoad,
  ollamaCard,
  ollamaEmbeddings,
  ollamaLoaded,
  ollamaModels,
  ollamaSend,
  ollamaText,
} from '../support/fake-ollama-wire.ts';
import type { FakeRequest, FakeResponder } from '../support/fake-provider.ts';
import { startNamedProvider } from './named-provider.ts';
import { AUTOMATIC, inline, lastReason, texts, uri } from './setup.ts';

const ollama = { id: 'ollama', keyVariable: 'OLLAMA_TEST_KEY' };
const question = { messages: [{ role: 'user', content: 'Why?' }], partialResultToken: 'part' };

const loaded = (request: FakeRequest): FakeResponder | undefined => {
  if (request.path === '/api/show') return ollamaCard({ capabilities: ['completion', 'insert'] });
  return isOllamaLoad(request) ? ollamaLoaded : undefined;
};

test('completes, and says how and why so', async () => {
  const { server, fake } = await startNamedProvider({
    ...ollama,
    fake: { respond: ollamaText('f(1);\n'), aside: loaded },
  });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(fake.requests[0]).toMatchObject({
    path: '/api/generate',
    body: { model: 'qwen2.5-coder:1.5b', suffix: '\n', keep_alive: '30m' },
  });
  expect(JSON.stringify(await lastReason(server))).toContain("fim: suffix: the model's template takes one");
});

test('while the model loads, typing says so, starts one load, and does not stop it', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slowly: FakeResponder = async (exchange) => {
    await held;
    await ollamaLoaded(exchange);
  };
  const loads: FakeRequest[] = [];
  const aside = (request: FakeRequest): FakeResponder | undefined => {
    if (!isOllamaLoad(request)) return loaded(request);
    loads.push(request);
    return slowly;
  };
  const { server, fake } = await startNamedProvider({ ...ollama, fake: { respond: ollamaText('f(1);\n'), aside } });
  server.open(uri, 'const a = ');
  for (const [index, character] of [...'foo'].entries()) {
    const request = inline(server, 0, 10 + index, AUTOMATIC);
    server.change(uri, character, {
      start: { line: 0, character: 10 + index },
      end: { line: 0, character: 10 + index },
    });
    await request.failure;
  }
  // More of them than a provider may fail in a row before it is left alone.
  for (let asked = 0; asked < 6; asked++) {
    expect(texts(await inline(server, 0, 13, AUTOMATIC).response)).toEqual([]);
  }
  const status = await server.nextNotification('didChangeStatus', ({ message }) => /loading/.test(message));
  expect(status.message).toContain('is loading qwen2.5-coder:1.5b');
  expect(loads).toHaveLength(1);
  expect(fake.requests).toEqual([]);
  letGo();
  expect(texts(await inline(server, 0, 13).response)).toEqual(['f(1);']);
  await server.nextNotification(
    'didChangeStatus',
    ({ message, kind }) => kind === 'Normal' && !/loading/.test(message),
  );
  expect(loads).toHaveLength(1);
});

test('streams a chat', async () => {
  const usage = { inputTokens: 9, outputTokens: 2 };
  const respond = ollamaText('Because.', { chunkSize: 4, usage });
  const { server } = await startNamedProvider({ ...ollama, fake: { respond, aside: loaded } });
  const answer = await server.request('inkling/chat', question).response;
  expect(answer).toMatchObject({ message: { content: 'Because.' }, provider: 'ollama', usage });
  const parts = server.notifications.filter(({ params }) => params?.token === 'part');
  expect(parts.map(({ params }) => params.value.delta).join('')).toBe('Because.');
});

test('a cancel in the middle closes the socket', async () => {
  const { server, fake } = await startNamedProvider({ ...ollama, fake: { aside: loaded } });
  const request = server.request('inkling/chat', question);
  const upstream = await fake.nextRequest();
  await ollamaSend(fake.control(upstream), 'Be');
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
});

test('lists, embeds and estimates', async () => {
  const { server, fake } = await startNamedProvider({
    ...ollama,
    fake: { respond: ollamaModels('a:1b'), aside: loaded },
  });
  expect(await server.request('inkling/models', {}).response).toEqual({ models: [{ id: 'a:1b' }] });
  fake.respond(ollamaEmbeddings([[1, 2, 3]]));
  const embedded = await server.request('inkling/embed', { input: ['a'] }).response;
  expect(embedded).toMatchObject({ vectors: [[1, 2, 3]], dimensions: 3 });
  expect(await server.request('inkling/countTokens', { text: 'seven b' }).response).toEqual({
    tokens: 2,
    exact: false,
  });
});
