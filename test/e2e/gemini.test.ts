/** Gemini through the built server: a hole filled, streamed chat, filters, and a cancel that closes the socket. */
import { expect, test } from 'vitest';
import {
  geminiBlocked,
  geminiEmbeddings,
  geminiModel,
  geminiModels,
  geminiSend,
  geminiText,
} from '../support/fake-gemini-wire.ts';
import { json } from '../support/fake-responders.ts';
import { startNamedProvider, testKey } from './named-provider.ts';
import { inline, lastReason, texts, uri } from './setup.ts';

const gemini = { id: 'gemini', keyVariable: 'GEMINI_API_KEY' };
const question = { messages: [{ role: 'user', content: 'Why?' }], partialResultToken: 'part' };

test('completes', async () => {
  const respond = geminiText('<COMPLETION>f(1);</COMPLETION>', { chunkSize: 5, thoughts: 'Hm.' });
  const { server, fake } = await startNamedProvider({ ...gemini, fake: { respond } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(fake.requests).toHaveLength(1);
  expect(fake.requests[0]).toMatchObject({
    path: '/v1/models/gemini-3.5-flash-lite:streamGenerateContent?alt=sse',
    headers: { 'x-goog-api-key': testKey },
    body: { generationConfig: { thinkingConfig: { thinkingLevel: 'minimal' } } },
  });
});

test('streams a chat', async () => {
  const usage = { inputTokens: 9, outputTokens: 2 };
  const respond = geminiText('Because.', { chunkSize: 4, usage });
  const { server } = await startNamedProvider({ ...gemini, fake: { respond } });
  const answer = await server.request('inkling/chat', question).response;
  expect(answer).toMatchObject({ message: { content: 'Because.' }, provider: 'gemini', usage });
  const parts = server.notifications.filter(({ params }) => params?.token === 'part');
  expect(parts.map(({ params }) => params.value.delta).join('')).toBe('Because.');
});

test('a cancel in the middle closes the socket', async () => {
  const { server, fake } = await startNamedProvider(gemini);
  const request = server.request('inkling/chat', question);
  const upstream = await fake.nextRequest();
  await geminiSend(fake.control(upstream), 'Be');
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
});

test('a blocked prompt is an error with its reason, a filtered completion an empty list with it', async () => {
  const { server, fake } = await startNamedProvider({ ...gemini, fake: { respond: json(geminiBlocked('SAFETY')) } });
  expect(await server.request('inkling/chat', question).failure).toMatchObject({
    code: -32803,
    data: { kind: 'filtered', message: expect.stringContaining('SAFETY') },
  });
  fake.respond(geminiText('', { finishReason: 'RECITATION' }));
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual([]);
  expect(JSON.stringify(await lastReason(server))).toContain('RECITATION');
});

test('lists, embeds and counts', async () => {
  const { server, fake } = await startNamedProvider({
    ...gemini,
    fake: { respond: json(geminiModels([geminiModel('gemini-a', ['generateContent'])])) },
  });
  const { models } = await server.request('inkling/models', {}).response;
  expect(models).toMatchObject([{ id: 'gemini-a', contextWindow: 1_048_576 }]);
  fake.respond(json(geminiEmbeddings([[1, 2, 3]])));
  const embedded = await server.request('inkling/embed', { input: ['a'] }).response;
  expect(embedded).toMatchObject({ vectors: [[1, 2, 3]], dimensions: 3 });
  fake.respond(json({ totalTokens: 7 }));
  expect(await server.request('inkling/countTokens', { text: 'a' }).response).toEqual({ tokens: 7, exact: true });
});
