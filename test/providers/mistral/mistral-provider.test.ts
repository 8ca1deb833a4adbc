/** Mistral beyond the contract: what goes over the wire, what its model list teaches, and the Codestral host. */
import { afterEach, describe, expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createMistralProvider } from '../../../src/providers/mistral/mistral-provider.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import {
  mistralAnswer,
  mistralError,
  mistralModel,
  mistralModels,
  mistralUnprocessable,
} from '../../support/fake-mistral-wire.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { embeddings, inTurn, json } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';
import { recordedRequest } from '../../support/recorded-request.ts';

const never = new AbortController().signal;
const context = contextAt('export function add(a: number, b: number) {\n  return █\n}\n');
const question = chatRequest([{ role: 'user', content: 'Why?' }], { maxTokens: 100, temperature: 0.2 });
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
  const whole: ProviderEntry = {
    id: 'mistral',
    kind: 'mistral',
    model: 'codestral-latest',
    baseUrl: fake.url,
    ...entry,
  };
  const dependencies = providerDependencies('key-1');
  return { fake, dependencies, provider: createMistralProvider(whole, { ...dependencies, transport }) };
}

function fixture(name: string): string {
  return `../../fixtures/requests/mistral-${name}.http`;
}

describe('what is sent', () => {
  test('a completion goes to the endpoint that fills in the middle', async () => {
    const { fake, provider } = await start(mistralAnswer('a + b'));
    const answer = await provider.completeCode(completionRequest({ context, temperature: 0.1 }), never);
    expect(answer).toEqual({
      candidates: [{ text: 'a + b' }],
      model: 'codestral-2508',
      finishReason: 'stop',
      usage: { inputTokens: 5, outputTokens: 2 },
      note: 'fim: suffix',
    });
    const what = 'A completion: prompt and suffix, and nothing that Mistral does not know.';
    await expect(recordedRequest(what, fake.requests[0])).toMatchFileSnapshot(fixture('fim'));
  });

  test('a completion by a model that only chats', async () => {
    const { fake, provider } = await start(mistralAnswer('a + b'), { model: 'mistral-medium-3-5' });
    expect(await provider.completeCode(completionRequest({ context }), never)).toMatchObject({ note: 'hole filler' });
    const { messages, ...rest } = fake.requests[0]?.body ?? {};
    expect(messages).toHaveLength(8);
    expect(rest).toEqual({
      model: 'mistral-medium-3-5',
      max_tokens: 256,
      reasoning_effort: 'none',
      stop: ['</COMPLETION>'],
      stream: true,
    });
  });

  test('a chat', async () => {
    const { fake, provider } = await start(mistralAnswer('Because.'), { reasoningEffort: 'high' });
    for await (const _ of provider.streamChat(question, never));
    const what = 'A streamed chat: no stream options, which Mistral refuses.';
    await expect(recordedRequest(what, fake.requests[0])).toMatchFileSnapshot(fixture('chat-stream'));
  });

  test('embeddings', async () => {
    const { fake, provider } = await start(embeddings([[1, 2]]));
    expect(await provider.embed?.({ input: ['a'] }, never)).toMatchObject({ vectors: [[1, 2]], dimensions: 2 });
    const what = 'Embeddings are numbers unless something else is asked for.';
    await expect(recordedRequest(what, fake.requests[0])).toMatchFileSnapshot(fixture('embeddings'));
  });

  test('nothing, to count tokens: there is no endpoint for it', async () => {
    const { fake, provider } = await start(mistralAnswer('x'));
    expect(await provider.countTokens?.('seven b', never)).toEqual({ tokens: 2, exact: false });
    expect(fake.requests).toEqual([]);
  });
});

describe('what the list of models says', () => {
  test('is told', async () => {
    const { fake, provider } = await start(mistralModels(mistralModel('codestral-latest', { fim: true })));
    expect(await provider.listModels?.(never)).toEqual([
      {
        id: 'codestral-latest',
        contextWindow: 131_072,
        capabilities: { chat: true, fim: true, codeCompletion: true },
      },
    ]);
    expect(fake.requests[0]).toMatchObject({ method: 'GET', path: '/v1/models' });
    expect(provider.capabilities.contextWindow).toBe(131_072);
  });

  test('decides how a model is asked that nobody knew', async () => {
    const model = mistralModel('devstral-next', { fim: true });
    const respond: FakeResponder = (exchange) =>
      (exchange.request.method === 'GET' ? json(model) : mistralAnswer('x'))(exchange);
    const { fake, provider } = await start(respond, { model: 'devstral-next' });
    expect(provider.capabilities).toMatchObject({ fim: false, contextWindow: null });
    await provider.initialize?.(never);
    expect(provider.capabilities).toMatchObject({ fim: true, contextWindow: 131_072 });
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests.map(({ path }) => path)).toEqual(['/v1/models/devstral-next', '/v1/fim/completions']);
  });

  test('switches off the thinking of a model that can think', async () => {
    const model = mistralModel('magistral-next', { reasoning: true });
    const respond: FakeResponder = (exchange) =>
      (exchange.request.method === 'GET' ? json(model) : mistralAnswer('x'))(exchange);
    const { fake, provider } = await start(respond, { model: 'magistral-next' });
    await provider.initialize?.(never);
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests[1]?.body).toMatchObject({ reasoning_effort: 'none' });
  });

  test('does not win over the settings', async () => {
    const { provider } = await start(mistralModels(mistralModel('codestral-latest', { fim: true })), {
      fim: 'none',
      contextWindow: 1000,
      capabilities: { embeddings: false },
    });
    await provider.listModels?.(never);
    expect(provider.capabilities).toMatchObject({ fim: false, contextWindow: 1000, embeddings: false });
  });

  test('is not asked for a model the table knows', async () => {
    const { fake, provider } = await start(mistralAnswer('x'));
    await provider.initialize?.(never);
    expect(fake.requests).toEqual([]);
  });
});

test('a field that status 422 names is left out, and tried again once', async () => {
  const { fake, provider } = await start(inTurn(mistralUnprocessable('reasoning_effort'), mistralAnswer('x')), {
    reasoningEffort: 'high',
  });
  await provider.chat(question, never);
  await provider.chat(question, never);
  expect(fake.requests.map(({ body }) => 'reasoning_effort' in body)).toEqual([true, false, false]);
});

test('thoughts that come as parts of the content are no text', async () => {
  const content = [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }];
  const { provider } = await start(async (exchange) => {
    for (const part of [content, 'answer']) {
      await exchange.event({ choices: [{ index: 0, delta: { content: part }, finish_reason: null }] });
    }
    await exchange.event({ choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] });
    await exchange.event('[DONE]');
    await exchange.close();
  });
  const parts: string[] = [];
  for await (const { delta } of provider.streamChat(question, never)) parts.push(delta);
  expect(parts.join('')).toBe('answer');
});

test('an unknown model is reported and not asked to chat instead', async () => {
  const { fake, provider } = await start(mistralError(404));
  expect((await failure(provider.completeCode(completionRequest({ context }), never))).kind).toBe('notFound');
  expect(fake.requests).toHaveLength(1);
});

test('the Codestral host has a key of its own, and no embeddings', async () => {
  const transport = createHttpTransport({ environment: () => undefined });
  closing.push(() => transport.dispose());
  const entry = {
    id: 'mistral',
    kind: 'mistral',
    model: 'codestral-latest',
    baseUrl: 'https://codestral.mistral.ai/v1',
  };
  const provider = createMistralProvider(entry, { ...providerDependencies(), transport });
  expect(provider.capabilities).toMatchObject({ fim: true, embeddings: false });
  const error = await failure(provider.chat(question, never));
  expect(error).toMatchObject({ kind: 'notConfigured', message: expect.stringContaining('CODESTRAL_API_KEY') });
});
