/** What each vendor's answers say is left is kept to: with nothing left nothing goes out before the renewal. */
import { expect, onTestFinished, test } from 'vitest';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { createAnthropicProvider } from '../../src/providers/anthropic/anthropic-provider.ts';
import { createGrokProvider } from '../../src/providers/grok/grok-provider.ts';
import { createHttpTransport } from '../../src/providers/http/transport.ts';
import { createMistralProvider } from '../../src/providers/mistral/mistral-provider.ts';
import { createOpenAiProvider } from '../../src/providers/openai/openai-provider.ts';
import { createGuard, type GuardPlan } from '../../src/resilience/guard.ts';
import { anthropicText } from '../support/fake-anthropic-wire.ts';
import { mistralAnswer } from '../support/fake-mistral-wire.ts';
import { type FakeProvider, type FakeResponder, startFakeProvider } from '../support/fake-provider.ts';
import { errorStatus, streamText } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';

type Headers = Record<string, string>;

interface Vendor {
  readonly name: string;
  create(fake: FakeProvider, tools: ReturnType<typeof toolsOf>): AiProvider;
  readonly answer: (text: string, options: { readonly headers: Headers }) => FakeResponder;
  /** How it says that so many requests are left, all of which it has again in half a minute where it says when. */
  headers(left: number): Headers;
  /** Milliseconds. */
  readonly renewedIn: number;
}

const openAiHeaders = (left: number) => ({
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-remaining-requests': String(left),
  'x-ratelimit-reset-requests': '30s',
  'x-ratelimit-limit-tokens': '150000',
  'x-ratelimit-remaining-tokens': '149984',
  'x-ratelimit-reset-tokens': '6ms',
});

const vendors: readonly Vendor[] = [
  {
    name: 'openai',
    create: (fake, tools) =>
      createOpenAiProvider({ id: 'openai', kind: 'openai', model: 'gpt-6-luna', baseUrl: fake.url }, tools),
    answer: streamText,
    headers: openAiHeaders,
    renewedIn: 30_000,
  },
  {
    name: 'grok',
    create: (fake, tools) =>
      createGrokProvider({ id: 'grok', kind: 'grok', model: 'grok-4.20-non-reasoning', baseUrl: fake.url }, tools),
    answer: streamText,
    headers: openAiHeaders,
    renewedIn: 30_000,
  },
  {
    name: 'anthropic',
    create: (fake, tools) =>
      createAnthropicProvider(
        { id: 'anthropic', kind: 'anthropic', model: 'claude-haiku-5-5', baseUrl: fake.origin },
        tools,
      ),
    answer: anthropicText,
    // By the clock of the server, which is that of this machine and tells whole seconds.
    headers: (left) => ({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': String(left),
      'anthropic-ratelimit-requests-reset': '2026-01-01T12:00:30Z',
      'anthropic-ratelimit-input-tokens-remaining': '39000',
      'anthropic-ratelimit-input-tokens-reset': '2026-01-01T12:00:01Z',
      date: 'Thu, 01 Jan 2026 12:00:00 GMT',
    }),
    renewedIn: 30_000,
  },
  {
    name: 'mistral',
    create: (fake, tools) =>
      createMistralProvider({ id: 'mistral', kind: 'mistral', model: 'codestral-latest', baseUrl: fake.url }, tools),
    answer: mistralAnswer,
    headers: (left) => ({
      'x-ratelimit-limit-req-minute': '60',
      'x-ratelimit-remaining-req-minute': String(left),
      'x-ratelimit-remaining-tokens-minute': '49900',
    }),
    renewedIn: 60_000,
  },
];

const plan: GuardPlan = {
  totals: { automatic: 5_000, explicit: 20_000, chat: 20_000 },
  retry: { retries: 0, baseDelay: 250, maxDelay: 8_000 },
  limits: { maxConcurrent: 4, requestsPerMinute: null },
  breaker: { failures: 5, resetAfter: 30_000 },
  sole: true,
};

function toolsOf() {
  const transport = createHttpTransport({ environment: () => undefined });
  onTestFinished(() => transport.dispose());
  return { ...providerDependencies('n0t-a-key'), transport };
}

async function start({ create }: Vendor, respond: FakeResponder) {
  const fake = await startFakeProvider({ respond });
  onTestFinished(() => fake.close());
  const tools = toolsOf();
  const { clock, log } = tools;
  const provider = create(fake, tools);
  const guarded = createGuard({ id: provider.name, clock, log, random: () => 0.5 }).wrap(provider, plan);
  const ask = () => guarded.chat(chatRequest([{ role: 'user', content: 'Why?' }]), new AbortController().signal);
  return { fake, clock, guarded, ask };
}

test.each(vendors)('$name: with nothing left the next call waits for the renewal', async (vendor) => {
  const { fake, clock, guarded, ask } = await start(vendor, vendor.answer('Because.', { headers: vendor.headers(0) }));
  await ask();
  expect(guarded.allowances?.()).toContainEqual({
    of: expect.any(String),
    left: 0,
    saidAt: clock.now(),
    renewedAt: clock.now() + vendor.renewedIn,
  });
  expect(guarded.lastHealth?.()).toMatchObject({ state: 'degraded', message: 'The rate limit is used up.' });
  await expect(ask()).rejects.toMatchObject({ kind: 'rateLimited', retryAfter: vendor.renewedIn });
  await clock.advance(vendor.renewedIn);
  expect(guarded.lastHealth?.()).toEqual({ state: 'ready' });
  fake.respond(vendor.answer('Because.', { headers: vendor.headers(59) }));
  await ask();
  await ask();
  expect(fake.requests).toHaveLength(3);
});

test.each(vendors)('$name: with one left one goes out, of several at once too', async (vendor) => {
  const { fake, ask } = await start(vendor, vendor.answer('Because.', { headers: vendor.headers(1) }));
  await ask();
  fake.respond(vendor.answer('Because.', { headers: {} }));
  const all = await Promise.allSettled([ask(), ask(), ask()]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(fake.requests).toHaveLength(2);
});

test.each(vendors)('$name: a refusal says what is left too', async (vendor) => {
  const { fake, ask } = await start(vendor, errorStatus(429, undefined, { 'retry-after': '1', ...vendor.headers(0) }));
  await expect(ask()).rejects.toMatchObject({ status: 429 });
  await expect(ask()).rejects.toMatchObject({ kind: 'rateLimited', retryAfter: vendor.renewedIn });
  expect(fake.requests).toHaveLength(1);
});
