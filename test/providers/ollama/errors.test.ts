/** What Ollama's failures become: a kind to act on and a sentence that says what to do. */
import { describe, expect, test } from 'vitest';
import type { AiErrorKind } from '../../../src/domain/ai-error.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createOllamaProvider } from '../../../src/providers/ollama/ollama-provider.ts';
import { failure } from '../../contract/ai-provider.ts';
import { ollamaError, ollamaLines, ollamaModels, ollamaSend, ollamaText } from '../../support/fake-ollama-wire.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { errorStatus, htmlPage, json, plainText, raw } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';
import { never, startOllama } from './setup.ts';

const secret = 'the text of the user';
const question = chatRequest([{ role: 'user', content: 'Why?' }]);
const headers = { 'retry-after': '3', 'x-request-id': 'req_12ab' };

const statuses: readonly (readonly [number, AiErrorKind, RegExp])[] = [
  [400, 'invalidRequest', /refused/],
  [401, 'authentication', /Check providers\.ollama\.apiKey/],
  [402, 'quota', /billing/],
  [403, 'permission', /may not use/],
  [404, 'notFound', /Run `ollama pull mystery:1b`/],
  [408, 'timeout', /too long/],
  [413, 'contextLength', /Shorten/],
  [422, 'invalidRequest', /refused/],
  [429, 'rateLimited', /Wait/],
  [500, 'server', /Try again/],
  [503, 'overloaded', /Try again/],
  [529, 'overloaded', /Try again/],
];

test.each(statuses)('status %i is %s', async (status, kind, message) => {
  const { provider } = await startOllama({ respond: ollamaError(status, secret, headers) });
  const error = await failure(provider.chat(question, never));
  expect(error).toMatchObject({ kind, status, retryAfter: 3000, requestId: 'req_12ab', provider: 'ollama' });
  expect(error.message).toMatch(message);
  expect(error.message).toContain(String(status));
  expect(error.message).not.toContain(secret);
});

const sentences: readonly (readonly [string, FakeResponder, AiErrorKind, RegExp])[] = [
  ['no embeddings', ollamaError(400, 'this model does not support embeddings'), 'unsupported', /Name another/],
  ['no chat', ollamaError(400, '"nomic" does not support chat'), 'unsupported', /Name another/],
  ['no thoughts', ollamaError(400, '"mystery:1b" does not support thinking'), 'unsupported', /Name another/],
  ['too long', ollamaError(400, 'the input length exceeds the context length'), 'contextLength', /Shorten/],
  [
    'too large',
    ollamaError(500, 'model requires more system memory (9 GiB) than is available (4 GiB)'),
    'server',
    /does not fit into memory.*smaller/,
  ],
  [
    'too many',
    ollamaError(503, 'server busy, please try again.  maximum pending requests exceeded'),
    'overloaded',
    /Try/,
  ],
  ['an error in the middle', ollamaLines('a', `{"error":"${secret}"}`), 'server', /Try again/],
  ['a cut-off stream', ollamaLines('a'), 'network', /ended early/],
  ['a line that is no JSON', ollamaLines('a', '{"message":'), 'server', /no JSON/],
  ['a page of another program', htmlPage(200), 'server', /not its API but a web page\. /],
  ['a page where nothing is', htmlPage(404), 'server', /not its API but a web page\. .*\(404\)/],
  ['a page of who keeps guard', htmlPage(403), 'server', /not its API but a web page\. .*\(403\)/],
  ['text of another program', plainText, 'server', /not its API\. Check baseUrl/],
  ['a page of a proxy', htmlPage(502), 'server', /502/],
  ['an error in another shape', errorStatus(429, { detail: secret }), 'rateLimited', /Wait/],
  ['no HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n'), 'network', /HTTP/],
];

test.each(sentences)('%s', async (_, respond, kind, message) => {
  const { provider } = await startOllama({ respond });
  const error = await failure(provider.chat(question, never));
  expect(error.kind).toBe(kind);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain(secret);
});

test('what does not fit into memory is not worth trying again', async () => {
  const { provider } = await startOllama({ respond: ollamaError(500, 'llama runner: out of memory') });
  expect((await failure(provider.chat(question, never))).retryable).toBe(false);
});

describe('health', () => {
  test('a model that is not there, with those that are', async () => {
    const { fake, provider } = await startOllama({ respond: ollamaModels('llama3:8b', 'mystery:7b') });
    const health = await provider.checkHealth?.(never);
    expect(health?.state).toBe('degraded');
    expect(health?.message).toMatch(/no model mystery:1b.*ollama pull mystery:1b.*It has llama3:8b, mystery:7b/);
    fake.respond(ollamaModels());
    expect((await provider.checkHealth?.(never))?.message).toContain('It has no model yet.');
    fake.respond(ollamaModels('mystery:1b'));
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'ready' });
  });

  test('a name without a tag means the latest', async () => {
    const { provider } = await startOllama({ respond: ollamaModels('mystery:latest'), entry: { model: 'mystery' } });
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'ready' });
  });

  test('nobody there', async () => {
    const gone = await startFakeProvider();
    await gone.close();
    const { provider, dependencies } = await startOllama({ entry: { baseUrl: gone.origin } });
    await provider.initialize?.(never);
    expect(provider.lastHealth?.().state).toBe('unreachable');
    expect((await provider.checkHealth?.(never))?.message).toContain('Is the server running');
    expect(dependencies.logged).toEqual([]);
  });
});

test('an entry without address or model is refused when it is made', () => {
  const transport = createHttpTransport({ environment: () => undefined });
  const dependencies = { ...providerDependencies(), transport };
  const entry = { id: 'mine', kind: 'ollama' };
  expect(() => createOllamaProvider(entry, dependencies)).toThrow('providers.mine.baseUrl');
  expect(() => createOllamaProvider({ ...entry, baseUrl: 'http://a' }, dependencies)).toThrow('providers.mine.model');
});

test('what the entry says it cannot do is unsupported', async () => {
  const { provider } = await startOllama({ entry: { capabilities: { chat: false, embeddings: false } } });
  expect((await failure(provider.chat(question, never))).kind).toBe('unsupported');
  expect((await failure(provider.embed?.({ input: [] }, never) ?? Promise.resolve())).kind).toBe('unsupported');
});

test('a parameter the model refuses is left out, tried again once, and not sent again', async () => {
  const respond: FakeResponder = (exchange) =>
    'think' in exchange.request.body
      ? ollamaError(400, "invalid value for parameter 'think'")(exchange)
      : ollamaText('ok')(exchange);
  const { fake, provider, dependencies } = await startOllama({ respond, entry: { reasoningEffort: 'high' } });
  expect((await provider.chat(question, never)).message.content).toBe('ok');
  await provider.chat(question, never);
  expect(fake.requests.map(({ body }) => 'think' in body)).toEqual([true, false, false]);
  expect(dependencies.logged.join()).toContain('think');
});

test('a list that is none is empty', async () => {
  const { provider } = await startOllama({ respond: json({ models: [{ size: 1 }, 'x'] }) });
  expect(await provider.listModels?.(never)).toEqual([]);
});

test('a server that keeps its body open costs its connection, not the answer', async () => {
  const { fake, provider, clock } = await startOllama();
  const answer = provider.chat(question, never);
  const request = await fake.nextRequest();
  await ollamaSend(fake.control(request), 'x');
  await fake.control(request).write('{"message":{"content":""},"done":true,"done_reason":"stop"}\n');
  while (clock.pending === 0) await new Promise(setImmediate);
  await clock.advance(250);
  expect((await answer).message.content).toBe('x');
  await request.closed;
});
