/** Grok beyond the contract: reasoning by model, what xAI says of its models, and tokens where it counts them. */
import { afterEach, describe, expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createGrokProvider } from '../../../src/providers/grok/grok-provider.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { grokError, grokModel, grokTokens } from '../../support/fake-grok-wire.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { errorStatus, inTurn, json, models, streamText } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';
import { recordedRequest } from '../../support/recorded-request.ts';

const never = new AbortController().signal;
const completion = completionRequest({ context: contextAt('const total = █;\n'), temperature: 0.1, maxTokens: 100 });
const question = chatRequest([{ role: 'user', content: 'Why?' }]);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function start(respond: FakeResponder, entry: Partial<ProviderEntry> = {}) {
  const fake = await startFakeProvider({ respond });
  const transport = createHttpTransport({ environment: () => undefined });
  closing.push(
    () => transport.dispose(),
    () => fake.close(),
  );
  const model = 'grok-4.20-non-reasoning';
  const whole: ProviderEntry = { id: 'grok', kind: 'grok', model, baseUrl: fake.url, ...entry };
  return { fake, provider: createGrokProvider(whole, { ...providerDependencies('xai-1'), transport }) };
}

/** What a completion sends besides the prompt. */
async function tuning(model: string): Promise<object> {
  const { fake, provider } = await start(streamText('x'), { model });
  await provider.completeCode(completion, never);
  const { messages: _, stream, stream_options, ...rest } = fake.requests[0]?.body ?? {};
  expect({ stream, stream_options }).toEqual({ stream: true, stream_options: { include_usage: true } });
  return rest;
}

describe('a completion is answered with as little thinking as the model can', () => {
  test.each([
    ['grok-4.20-non-reasoning', { max_completion_tokens: 100, stop: ['</COMPLETION>'], temperature: 0.1 }],
    ['grok-4.3', { max_completion_tokens: 100, reasoning_effort: 'none', stop: ['</COMPLETION>'], temperature: 0.1 }],
    ['grok-4.6', { max_completion_tokens: 2148, reasoning_effort: 'low', temperature: 0.1 }],
    ['grok-build-0.1', { max_completion_tokens: 2148, temperature: 0.1 }],
    ['grok-code-fast-1', { max_completion_tokens: 2148, temperature: 0.1 }],
  ])('%s', async (model, expected) => {
    expect(await tuning(model)).toEqual({ model, ...expected });
  });
});

test('a streamed chat, to the byte', async () => {
  const { fake, provider } = await start(streamText('x'), { model: 'grok-4.6', reasoningEffort: 'high' });
  for await (const _ of provider.streamChat(question, never));
  const what = 'A streamed chat with the effort of the settings.';
  await expect(recordedRequest(what, fake.requests[0])).toMatchFileSnapshot(
    '../../fixtures/requests/grok-chat-stream.http',
  );
});

describe('what xAI says of a model that nobody knew', () => {
  test.each([
    ['it can answer without thinking', ['none', 'low', 'high'], { reasoning_effort: 'none', stop: ['</COMPLETION>'] }],
    ['it always thinks', ['low', 'high'], { reasoning_effort: 'low', max_completion_tokens: 2148 }],
    ['it takes no effort', [], { stop: ['</COMPLETION>'] }],
  ])('%s', async (_, efforts, expected) => {
    const described = json(grokModel('grok-9', 123_456, efforts));
    const respond: FakeResponder = (exchange) =>
      (exchange.request.method === 'GET' ? described : streamText('x'))(exchange);
    const { fake, provider } = await start(respond, { model: 'grok-9' });
    await provider.initialize?.(never);
    expect(provider.capabilities.contextWindow).toBe(123_456);
    await provider.completeCode(completion, never);
    expect(fake.requests[0]?.path).toBe('/v1/models/grok-9');
    expect(fake.requests[1]?.body).toMatchObject(expected);
    expect('reasoning_effort' in (fake.requests[1]?.body ?? {})).toBe(efforts.length > 0);
  });

  test('the size of a listed model', async () => {
    const { provider } = await start(json({ data: [grokModel('grok-9', 5000), grokModel('grok-4.3', 9000)] }));
    expect(await provider.listModels?.(never)).toEqual([
      { id: 'grok-9', contextWindow: 5000 },
      { id: 'grok-4.3', contextWindow: 9000 },
    ]);
  });

  test('a list without sizes leaves what the table knows', async () => {
    const { provider } = await start(models('grok-4.3'));
    expect(await provider.listModels?.(never)).toEqual([{ id: 'grok-4.3', contextWindow: 1_000_000 }]);
  });
});

describe('tokens', () => {
  test('are counted by the tokenizer', async () => {
    const { fake, provider } = await start(json(grokTokens(3)));
    expect(await provider.countTokens?.('twelve bytes', never)).toEqual({ tokens: 3, exact: true });
    expect(fake.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/tokenize-text',
      body: { model: 'grok-4.20-non-reasoning', text: 'twelve bytes' },
    });
  });

  test('are estimated where there is no tokenizer, or it says something else', async () => {
    const { fake, provider } = await start(inTurn(errorStatus(404), json({})));
    expect(await provider.countTokens?.('twelve bytes', never)).toEqual({ tokens: 4, exact: false });
    expect(await provider.countTokens?.('twelve bytes', never)).toEqual({ tokens: 4, exact: false });
    expect(fake.requests).toHaveLength(2);
  });

  test('of more than an answer can spell out are estimated without asking', async () => {
    const { fake, provider } = await start(json(grokTokens(1)));
    expect(await provider.countTokens?.('x'.repeat(350_000), never)).toEqual({ tokens: 100_000, exact: false });
    expect(fake.requests).toEqual([]);
  });

  test('are not estimated over a wrong key', async () => {
    const { provider } = await start(grokError(401));
    expect((await failure(provider.countTokens?.('x', never) ?? Promise.resolve())).kind).toBe('authentication');
  });
});

test('there are no embeddings, and nothing is sent', async () => {
  const { fake, provider } = await start(streamText('x'));
  expect(provider.capabilities.embeddings).toBe(false);
  expect((await failure(provider.embed?.({ input: ['a'] }, never) ?? Promise.resolve())).kind).toBe('unsupported');
  expect(fake.requests).toEqual([]);
});

test('a parameter the model refuses in a sentence is left out from then on', async () => {
  const refusal = grokError(400, 'Model grok-4.20 does not support parameter reasoning_effort.');
  const { fake, provider } = await start(inTurn(refusal, streamText('ok')), { reasoningEffort: 'low' });
  await provider.chat(question, never);
  await provider.chat(question, never);
  expect(fake.requests.map(({ body }) => 'reasoning_effort' in body)).toEqual([true, false, false]);
});
