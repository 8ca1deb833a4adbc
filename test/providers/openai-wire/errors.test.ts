/** Every way a call can fail, in the words of each vendor of OpenAI's wire: its kind, its advice, and no word of the user's in it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { AiErrorKind } from '../../../src/domain/ai-error.ts';
import type { AiProvider } from '../../../src/domain/ai-provider.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createGrokProvider } from '../../../src/providers/grok/grok-provider.ts';
import { networkError } from '../../../src/providers/http/network-error.ts';
import { createHttpTransport, type HttpTransport } from '../../../src/providers/http/transport.ts';
import { createMistralProvider } from '../../../src/providers/mistral/mistral-provider.ts';
import { createOpenAiCompatibleProvider, createOpenAiProvider } from '../../../src/providers/openai/openai-provider.ts';
import { failure } from '../../contract/ai-provider.ts';
import { grokError, grokMidStreamError } from '../../support/fake-grok-wire.ts';
import { mistralAnswer, mistralChunk, mistralError, mistralUnprocessable } from '../../support/fake-mistral-wire.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { errorStatus, malformedChunk, midStreamError, noDone, streamText } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';

const never = new AbortController().signal;
const secretWords = 'the-users-own-words';
const key = 'sk-secret-0001';
const question = chatRequest([{ role: 'user', content: secretWords }]);
const mistralHeaders = { 'retry-after': '3', 'mistral-correlation-id': 'req_1' };
const headers = { 'retry-after': '3', 'x-request-id': 'req_1' };

type Row = readonly [what: string, respond: FakeResponder, kind: AiErrorKind, message: RegExp];

interface Vendor {
  readonly name: string;
  readonly entry: Omit<ProviderEntry, 'baseUrl'>;
  readonly create: typeof createOpenAiProvider;
  /** An answer with this status in the vendor's shape, whose sentence repeats what was asked. */
  error(status: number): FakeResponder;
  readonly keyPlace: string;
  /** What is the vendor's own. */
  readonly rows: readonly Row[];
}

const openAiShape = (status: number, error: object = {}) =>
  errorStatus(status, { error: { message: secretWords, type: null, param: null, code: null, ...error } }, headers);
const bare = (text: string, ...events: readonly unknown[]): FakeResponder => {
  return async (exchange) => {
    for (const data of [mistralChunk(text), ...events]) await exchange.event(data);
    await exchange.close();
  };
};
const refusal: FakeResponder = async (exchange) => {
  await exchange.event({ choices: [{ index: 0, delta: { content: null }, finish_reason: 'error' }] });
  await exchange.event('[DONE]');
  await exchange.close();
};

const vendors: readonly Vendor[] = [
  {
    name: 'openai',
    entry: { id: 'openai', kind: 'openai', model: 'gpt-6-luna' },
    create: createOpenAiProvider,
    error: openAiShape,
    keyPlace: 'OPENAI_API_KEY',
    rows: [
      ['no quota', openAiShape(429, { code: 'insufficient_quota' }), 'quota', /billing.*429 insufficient_quota/],
      ['too long', openAiShape(400, { code: 'context_length_exceeded' }), 'contextLength', /Shorten/],
      ['content policy', openAiShape(400, { code: 'content_policy_violation' }), 'filtered', /filtered/],
      ['an error inside the stream', midStreamError('x'), 'server', /error of its own/],
      [
        'a rate limit inside the stream',
        midStreamError('x', { message: secretWords, type: 'rate_limit_error', code: 'rate_limit_exceeded' }),
        'rateLimited',
        /Wait/,
      ],
      ['a truncated stream', noDone('x'), 'network', /ended early/],
      ['a chunk that is no JSON', malformedChunk(), 'server', /no JSON/],
    ],
  },
  {
    name: 'openai-compatible',
    entry: { id: 'mine', kind: 'openai-compatible', model: 'some-model' },
    create: createOpenAiCompatibleProvider,
    error: openAiShape,
    keyPlace: 'providers.mine.apiKey',
    rows: [
      [
        'too long, as vLLM says it',
        openAiShape(400, { message: "This model's maximum context length is 4096 tokens", code: 400 }),
        'contextLength',
        /Shorten/,
      ],
      ['no balance, as DeepSeek says it', openAiShape(402, { message: 'Insufficient Balance' }), 'quota', /billing/],
      ['a model that breaks off, as OpenRouter says it', refusal, 'server', /error of its own/],
    ],
  },
  {
    name: 'mistral',
    entry: { id: 'mistral', kind: 'mistral', model: 'mistral-medium-3-5' },
    create: createMistralProvider,
    error: (status) =>
      status === 422
        ? mistralUnprocessable('messages', secretWords, mistralHeaders)
        : mistralError(status, { message: secretWords }, mistralHeaders),
    keyPlace: 'MISTRAL_API_KEY',
    rows: [
      [
        'a rate limit',
        mistralError(429, { message: 'Requests rate limit exceeded', type: 'rate_limited', code: '1300' }),
        'rateLimited',
        /Wait.*429 rate_limited/,
      ],
      ['no capacity', mistralError(429, { type: 'service_tier_capacity_exceeded' }), 'overloaded', /again/],
      [
        'too long',
        mistralError(400, { message: 'Prompt contains 300000 tokens, the maximum context length is 262144' }),
        'contextLength',
        /Shorten/,
      ],
      [
        'an error inside the stream',
        bare('x', { object: 'error', message: secretWords, type: 'internal_server_error', raw_status_code: 503 }),
        'overloaded',
        /again/,
      ],
      ['a model that breaks off', mistralAnswer('x', { finish: 'error' }), 'server', /error of its own/],
      ['a truncated stream', bare('x'), 'network', /ended early/],
      ['a chunk that is no JSON', bare('x', '{"choices":[', '[DONE]'), 'server', /no JSON/],
    ],
  },
  {
    name: 'grok',
    entry: { id: 'grok', kind: 'grok', model: 'grok-4.20-non-reasoning' },
    create: createGrokProvider,
    error: (status) => grokError(status, secretWords, headers, 'some-code'),
    keyPlace: 'XAI_API_KEY',
    rows: [
      [
        'a wrong key, which is status 400',
        grokError(400, 'Incorrect API key provided: xa***ey. Get one from https://console.x.ai.'),
        'authentication',
        /Check XAI_API_KEY/,
      ],
      ['no credit', grokError(403, "Your team doesn't have any credits yet."), 'quota', /billing/],
      [
        'credits used up',
        grokError(429, 'Your team has either used all available credits or reached its monthly spending limit.'),
        'quota',
        /billing/,
      ],
      ['an error inside the stream', grokMidStreamError('x', secretWords), 'overloaded', /again.*unavailable/],
      ['a truncated stream', noDone('x'), 'network', /ended early/],
      ['a chunk that is no JSON', malformedChunk(), 'server', /no JSON/],
    ],
  },
];

const statuses: readonly (readonly [number, AiErrorKind, RegExp])[] = [
  [400, 'invalidRequest', /refused the request.*400/],
  [401, 'authentication', /does not accept the key\. Check/],
  [402, 'quota', /billing page/],
  [403, 'permission', /may not use/],
  [404, 'notFound', /no model .* or baseUrl is wrong/],
  [408, 'timeout', /too long/],
  [413, 'contextLength', /Shorten/],
  [422, 'invalidRequest', /refused the request.*422/],
  [429, 'rateLimited', /Wait/],
  [500, 'server', /Try again/],
  [503, 'overloaded', /Try again/],
  [529, 'overloaded', /Try again/],
];

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

function make(vendor: Vendor, baseUrl: string, change: (transport: HttpTransport) => HttpTransport = (same) => same) {
  const transport = createHttpTransport({ environment: () => undefined });
  closing.push(() => transport.dispose());
  const dependencies = { ...providerDependencies(key), transport: change(transport) };
  return vendor.create({ ...vendor.entry, baseUrl }, dependencies);
}

async function start(vendor: Vendor, respond: FakeResponder): Promise<AiProvider> {
  const fake = await startFakeProvider({ respond });
  closing.push(() => fake.close());
  return make(vendor, fake.url);
}

async function streamed(provider: AiProvider): Promise<void> {
  for await (const _ of provider.streamChat(question, never));
}

describe.each(vendors)('$name', (vendor) => {
  test.each(statuses)('status %i is %s', async (status, kind, message) => {
    const provider = await start(vendor, vendor.error(status));
    for (const call of [provider.chat(question, never), streamed(provider)]) {
      const error = await failure(call);
      expect(error).toMatchObject({ kind, status, retryAfter: 3000, requestId: 'req_1' });
      expect(error.message).toMatch(message);
      expect(`${error.message} ${String(error.stack)}`).not.toMatch(new RegExp(`${secretWords}|${key}`));
    }
  });

  test('a wrong key names the place to look at', async () => {
    const provider = await start(vendor, vendor.error(401));
    expect((await failure(provider.chat(question, never))).message).toContain(vendor.keyPlace);
  });

  test.each(vendor.rows)('%s', async (_, respond, kind, message) => {
    const error = await failure(streamed(await start(vendor, respond)));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(secretWords);
  });

  test('a filtered answer is no error, and says so', async () => {
    const provider = await start(vendor, streamText('half', { finish: 'content_filter' }));
    expect(await provider.chat(question, never)).toMatchObject({ finishReason: 'filtered' });
  });

  test('nobody listens', async () => {
    const fake = await startFakeProvider();
    await fake.close();
    const error = await failure(make(vendor, fake.url).chat(question, never));
    expect(error).toMatchObject({ kind: 'network', message: expect.stringContaining('Nothing answers') });
  });

  test('a server without TLS at an https address', async () => {
    const fake = await startFakeProvider();
    closing.push(() => fake.close());
    const error = await failure(make(vendor, fake.url.replace('http:', 'https:')).chat(question, never));
    expect(error).toMatchObject({ kind: 'network', message: expect.stringContaining('TLS') });
  });

  test.each([
    ['ENOTFOUND', 'network', /cannot be found.*baseUrl.*DNS/],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', /silent/],
  ])('%s is %s', async (code, kind, message) => {
    const target = { provider: vendor.entry.id, url: new URL('https://nowhere.invalid/v1'), proxy: undefined };
    const reject = () => Promise.reject(networkError(Object.assign(new Error(code), { code }), target));
    const provider = make(vendor, target.url.href, (transport) => ({
      ...transport,
      request: reject,
      fetchFor: () => reject,
    }));
    const error = await failure(provider.chat(question, never));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
  });
});
