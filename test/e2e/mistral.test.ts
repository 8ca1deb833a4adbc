/** Mistral through the built server: completion by its own endpoint, streamed chat, and a cancel that closes the socket. */
import { expect, test } from 'vitest';
import { mistralAnswer, mistralChunk } from '../support/fake-mistral-wire.ts';
import { startNamedProvider, testKey } from './named-provider.ts';
import { inline, texts, uri } from './setup.ts';

const mistral = { id: 'mistral', keyVariable: 'MISTRAL_API_KEY' };
const question = { messages: [{ role: 'user', content: 'Why?' }], partialResultToken: 'part' };

test('completes', async () => {
  const { server, fake } = await startNamedProvider({ ...mistral, fake: { respond: mistralAnswer('f(1);') } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(fake.requests).toHaveLength(1);
  expect(fake.requests[0]).toMatchObject({
    path: '/v1/fim/completions',
    headers: { authorization: `Bearer ${testKey}` },
    body: { model: 'codestral-latest', suffix: '\n' },
  });
});

test('streams a chat', async () => {
  const { server, fake } = await startNamedProvider(mistral);
  const request = server.request('inkling/chat', question);
  const exchange = fake.control(await fake.nextRequest());
  await exchange.send('Beca');
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  // Mistral counts in the last part.
  await exchange.event({
    id: 'one',
    model: 'mistral-medium-3-5',
    choices: [{ index: 0, delta: { content: 'use.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
  });
  await exchange.event('[DONE]');
  await exchange.close();
  const answer = await request.response;
  expect(answer).toMatchObject({
    message: { content: 'Because.' },
    provider: 'mistral',
    usage: { inputTokens: 9, outputTokens: 2 },
  });
  const parts = server.notifications.filter(({ params }) => params?.token === 'part');
  expect(parts.map(({ params }) => params.value.delta)).toEqual(['Beca', 'use.']);
});

test('a cancel in the middle closes the socket', async () => {
  const { server, fake } = await startNamedProvider(mistral);
  const request = server.request('inkling/chat', question);
  const upstream = await fake.nextRequest();
  await fake.control(upstream).event(mistralChunk('Be'));
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
});
