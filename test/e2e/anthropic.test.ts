/** Anthropic through the built server: a hole filled, streamed chat, a refusal, and a cancel that closes the socket. */
import { expect, test } from 'vitest';
import {
  anthropicBegin,
  anthropicCount,
  anthropicError,
  anthropicModels,
  anthropicText,
} from '../support/fake-anthropic-wire.ts';
import { startNamedProvider, testKey } from './named-provider.ts';
import { inline, lastReason, texts, uri } from './setup.ts';

const anthropic = { id: 'anthropic', keyVariable: 'ANTHROPIC_API_KEY' };
const question = { messages: [{ role: 'user', content: 'Why?' }], partialResultToken: 'part' };

test('completes', async () => {
  const respond = anthropicText('<COMPLETION>f(1);</COMPLETION>', { chunkSize: 5 });
  const { server, fake } = await startNamedProvider({ ...anthropic, fake: { respond } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f(1);']);
  expect(fake.requests).toHaveLength(1);
  expect(fake.requests[0]).toMatchObject({
    path: '/v1/messages',
    headers: { authorization: `Bearer ${testKey}`, 'anthropic-version': '2026-10-21' },
    body: { model: 'claude-haiku-5-5', thinking: { type: 'disabled' } },
  });
});

test('streams a chat', async () => {
  const usage = { input_tokens: 9, output_tokens: 2 };
  const respond = anthropicText('Because.', { chunkSize: 4, usage, thoughts: 'Hm.' });
  const { server } = await startNamedProvider({ ...anthropic, fake: { respond } });
  expect(await server.request('inkling/chat', question).response).toMatchObject({
    message: { content: 'Because.' },
    provider: 'anthropic',
    usage: { inputTokens: 9, outputTokens: 2 },
  });
  const parts = server.notifications.filter(({ params }) => params?.token === 'part');
  expect(parts.map(({ params }) => params.value.delta).join('')).toBe('Because.');
});

test('a cancel in the middle closes the socket', async () => {
  const { server, fake } = await startNamedProvider(anthropic);
  const request = server.request('inkling/chat', question);
  const upstream = await fake.nextRequest();
  await anthropicBegin(fake.control(upstream), 'Be');
  await server.nextNotification('$/progress', ({ token }) => token === 'part');
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
});

test('says why there is no suggestion: the model declined, the service is overloaded', async () => {
  const respond = anthropicText('', { stopReason: 'refusal', stopDetails: { type: 'refusal', category: 'cyber' } });
  const { server, fake } = await startNamedProvider({ ...anthropic, fake: { respond } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual([]);
  expect(JSON.stringify(await lastReason(server))).toContain('declined to answer (cyber)');
  fake.respond(anthropicError(529));
  expect(texts(await inline(server, 0, 10).response)).toEqual([]);
  expect((await lastReason(server)).reason).toMatch(/overloaded/);
});

test('lists and counts, and names who makes embeddings', async () => {
  const respond = anthropicModels([{ id: 'claude-haiku-5-5' }]);
  const { server, fake } = await startNamedProvider({ ...anthropic, fake: { respond } });
  const { models } = await server.request('inkling/models', {}).response;
  expect(models).toMatchObject([{ id: 'claude-haiku-5-5', contextWindow: 1_000_000 }]);
  fake.respond(anthropicCount(7));
  expect(await server.request('inkling/countTokens', { text: 'a' }).response).toEqual({ tokens: 7, exact: true });
  const refused = await server.request('inkling/embed', { input: ['a'] }).failure;
  expect(refused).toMatchObject({ code: -32803, data: { kind: 'unsupported' } });
});
