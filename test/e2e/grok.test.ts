/** Grok through the built server: completion, streamed chat, a cancel that closes the socket, and what it cannot do. */
import { expect, test } from 'vitest';
import { grokTokens } from '../support/fake-grok-wire.ts';
import { json, streamText } from '../support/fake-responders.ts';
import { startNamedProvider, testKey } from './named-provider.ts';
import { inline, texts, uri } from './setup.ts';

const grok = { id: 'grok', keyVariable: 'XAI_API_KEY' };
const question = { messages: [{ role: 'user', content: 'Why?' }], partialResultToken: 'part' };

test('completes', async () => {
  const respond = streamText('<COMPLETION>f(1);</COMPLETION>', { chunkSize: 5 });
  const { server, fake } = await startNamedProvider({ ...grok, fake: { respond } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(fake.requests[0]).toMatchObject({
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${testKey}` },
    body: { model: 'grok-4.20-non-reasoning', stop: ['</COMPLETION>'] },
  });
});

test('streams a chat', async () => {
  const { server, fake } = await startNamedProvider(grok);
  const request = server.request('inkling/chat', question);
  const exchange = fake.control(await fake.nextRequest());
  await exchange.send('Beca');
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  await exchange.send('use.');
  await exchange.end();
  const answer = await request.response;
  expect(answer).toMatchObject({ message: { content: 'Because.' }, provider: 'grok', finishReason: 'stop' });
  const parts = server.notifications.filter(({ params }) => params?.token === 'part');
  expect(parts.map(({ params }) => params.value.delta)).toEqual(['Beca', 'use.']);
});

test('a cancel in the middle closes the socket', async () => {
  const { server, fake } = await startNamedProvider(grok);
  const request = server.request('inkling/chat', question);
  const upstream = await fake.nextRequest();
  await fake.control(upstream).send('Be');
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
});

test('counts tokens, and refuses to embed with the name of one that can', async () => {
  const { server, fake } = await startNamedProvider({ ...grok, fake: { respond: json(grokTokens(2)) } });
  expect(await server.request('inkling/countTokens', { text: 'two words' }).response).toEqual({
    tokens: 2,
    exact: true,
  });
  const failure = await server.request('inkling/embed', { input: ['x'] }).failure;
  expect(failure).toMatchObject({ code: -32803, data: { kind: 'unsupported', provider: 'grok' } });
  expect(failure.message).toMatch(/"[\w-]+" can\b/);
  expect(fake.requests).toHaveLength(1);
});
