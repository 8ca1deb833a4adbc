/** What the failures of llama.cpp's server become: a kind to act on and a sentence that says what to do. */
import { expect, test } from 'vitest';
import type { AiErrorKind } from '../../../src/domain/ai-error.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { llamaError, llamaErrorBody, llamaEvents, llamaLoading, llamaText } from '../../support/fake-llama-cpp-wire.ts';
import type { FakeResponder } from '../../support/fake-provider.ts';
import { errorStatus, htmlPage, plainText, raw } from '../../support/fake-responders.ts';
import { never, startLlama } from './setup.ts';

const secret = 'the text of the user';
const question = chatRequest([{ role: 'user', content: 'Why?' }]);
const completion = completionRequest({ context: contextAt('const a = █;\n') });
const headers = { 'retry-after': '3', 'x-request-id': 'req_12ab' };

const statuses: readonly (readonly [number, AiErrorKind, RegExp])[] = [
  [400, 'invalidRequest', /refused/],
  [401, 'authentication', /Check providers\.llama-cpp\.apiKey/],
  [402, 'quota', /billing/],
  [403, 'permission', /may not use/],
  [404, 'notFound', /baseUrl is wrong/],
  [408, 'timeout', /too long/],
  [413, 'contextLength', /Shorten/],
  [422, 'invalidRequest', /refused/],
  [429, 'rateLimited', /Wait/],
  [500, 'server', /Try again/],
  [503, 'overloaded', /Try again/],
  [529, 'overloaded', /Try again/],
];

test.each(statuses)('status %i is %s', async (status, kind, message) => {
  const { provider } = await startLlama(llamaError(status, secret, headers));
  const error = await failure(provider.chat(question, never));
  expect(error).toMatchObject({ kind, status, retryAfter: 3000, requestId: 'req_12ab', provider: 'llama-cpp' });
  expect(error.message).toMatch(message);
  expect(error.message).toContain(String(status));
  expect(error.message).not.toContain(secret);
});

const full = errorStatus(400, {
  error: {
    code: 400,
    message: 'request (8001 tokens) exceeds the available context size (2048 tokens), try increasing it',
    type: 'exceed_context_size_error',
    n_prompt_tokens: 8001,
    n_ctx: 2048,
  },
});

const cases: readonly (readonly [string, FakeResponder, AiErrorKind, RegExp])[] = [
  ['too long for a slot', full, 'contextLength', /--ctx-size/],
  ['a model that is being loaded', llamaLoading, 'overloaded', /is loading its model/],
  [
    'no embeddings',
    llamaError(501, 'This server does not support embeddings. Start it with `--embeddings`'),
    'unsupported',
    /--embeddings --pooling mean/,
  ],
  ['an error in the middle', llamaEvents('a', JSON.stringify(llamaErrorBody(500, secret))), 'server', /Try again/],
  [
    'overload in the middle',
    llamaEvents('a', JSON.stringify(llamaErrorBody(503, secret, 'unavailable_error'))),
    'overloaded',
    /Try again/,
  ],
  ['a cut-off stream', llamaEvents('a'), 'network', /ended early/],
  ['an event that is no JSON', llamaEvents('a', '{"content":'), 'server', /no JSON/],
  ['a page of another program', htmlPage(200), 'server', /not its API but a web page\. /],
  ['a page where nothing is', htmlPage(404), 'server', /not its API but a web page\. .*\(404\)/],
  ['a page of who keeps guard', htmlPage(403), 'server', /not its API but a web page\. .*\(403\)/],
  ['text of another program', plainText, 'server', /not its API but plain text by Python\. /],
  ['a page of a proxy', htmlPage(502), 'server', /502/],
  ['no HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n'), 'network', /HTTP/],
];

test.each(cases)('%s', async (_, respond, kind, message) => {
  const { provider } = await startLlama(respond);
  for (const call of [provider.chat(question, never), provider.completeCode(completion, never)]) {
    const error = await failure(call);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(secret);
  }
});

test('what the entry says it cannot do is unsupported', async () => {
  const { provider } = await startLlama(undefined, { capabilities: { chat: false, tokenCounting: false } });
  expect((await failure(provider.chat(question, never))).kind).toBe('unsupported');
  expect((await failure(provider.countTokens?.('', never) ?? Promise.resolve())).kind).toBe('unsupported');
});

test('a parameter an older server refuses is left out, tried again once, and not sent again', async () => {
  const respond: FakeResponder = (exchange) =>
    'samplers' in exchange.request.body
      ? llamaError(400, "Field 'samplers': unknown sampler")(exchange)
      : llamaText('ok')(exchange);
  const { fake, provider, dependencies } = await startLlama(respond);
  expect((await provider.completeCode(completion, never)).candidates).toEqual([{ text: 'ok' }]);
  await provider.completeCode(completion, never);
  expect(fake.requests.map(({ body }) => 'samplers' in body)).toEqual([true, false, false]);
  expect(fake.requests.some(({ body }) => 'model' in body)).toBe(false);
  expect(dependencies.logged.join()).toContain('samplers');
});
