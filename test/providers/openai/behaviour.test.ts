/** What the providers of OpenAI's wire do beyond the contract: advice, parameters a model refuses, health, odd servers. */
import { afterEach, describe, expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createOpenAiCompatibleProvider, createOpenAiProvider } from '../../../src/providers/openai/openai-provider.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { errorStatus, htmlPage, inTurn, json, models, streamText } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';

const never = new AbortController().signal;
const question = chatRequest([{ role: 'user', content: 'Why?' }], { temperature: 0.5 });
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function start(
  respond: FakeResponder | undefined,
  entry: Partial<ProviderEntry> = {},
  key: string | undefined = 'sk-1',
  create = createOpenAiProvider,
) {
  const fake = await startFakeProvider(respond === undefined ? {} : { respond });
  const transport = createHttpTransport({ environment: () => undefined });
  closing.push(
    () => transport.dispose(),
    () => fake.close(),
  );
  const whole: ProviderEntry = { id: 'openai', kind: 'openai', model: 'gpt-6-luna', baseUrl: fake.url, ...entry };
  const dependencies = providerDependencies(key === '' ? undefined : key);
  return { fake, dependencies, provider: create(whole, { ...dependencies, transport }) };
}

function openAiError(status: number, error: object, headers = {}): FakeResponder {
  return errorStatus(status, { error: { message: '', type: null, param: null, code: null, ...error } }, headers);
}

describe('errors say what to do', () => {
  test.each([
    [
      'a wrong key',
      openAiError(401, { code: 'invalid_api_key' }),
      'authentication',
      /Check OPENAI_API_KEY.*401 invalid_api_key/,
    ],
    ['no credit', openAiError(429, { code: 'insufficient_quota' }), 'quota', /billing/],
    ['too often', openAiError(429, { code: 'rate_limit_exceeded' }), 'rateLimited', /Wait/],
    ['too long, by code', openAiError(400, { code: 'context_length_exceeded' }), 'contextLength', /Shorten/],
    [
      'too long, by words, as vLLM says it',
      openAiError(400, {
        message: "This model's maximum context length is 4096 tokens",
        type: 'BadRequestError',
        code: 400,
      }),
      'contextLength',
      /Shorten/,
    ],
    ['an unknown model', openAiError(404, { code: 'model_not_found' }), 'notFound', /no model gpt-6-luna/],
    ['a filter', openAiError(400, { code: 'content_policy_violation' }), 'filtered', /filtered/],
    [
      'an error as a plain string',
      errorStatus(400, { code: 'invalid-argument', error: 'Nope' }),
      'invalidRequest',
      /invalid-argument/,
    ],
    ['a page of a proxy', htmlPage(502), 'server', /502/],
    ['a login page', htmlPage(200), 'server', /not its API.*login page/],
  ] as const)('%s', async (_, respond, kind, message) => {
    const { provider } = await start(respond);
    const error = await failure(provider.chat(question, never));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
  });

  test('a login page instead of a stream', async () => {
    const { provider } = await start(htmlPage(200));
    const stream = provider.streamChat(question, never)[Symbol.asyncIterator]();
    expect((await failure(stream.next())).message).toMatch(/not its API.*login page/);
  });

  test('a login page instead of a list of models or of vectors', async () => {
    const { provider } = await start(htmlPage(200));
    for (const asked of [provider.listModels?.(never), provider.embed?.({ input: ['x'] }, never)]) {
      expect((await failure(asked ?? Promise.resolve())).message).toMatch(/not its API.*login page/);
    }
  });

  test('the id of the request and the time to wait are kept', async () => {
    const headers = { 'x-request-id': 'req_12ab', 'retry-after-ms': '1500', 'retry-after': '9' };
    const { provider } = await start(openAiError(429, {}, headers));
    expect(await failure(provider.chat(question, never))).toMatchObject({ requestId: 'req_12ab', retryAfter: 1500 });
  });

  test('without a key nothing is sent, and the variable is named', async () => {
    const { fake, provider } = await start(streamText('x'), {}, '');
    const error = await failure(provider.chat(question, never));
    expect(error).toMatchObject({ kind: 'notConfigured', message: expect.stringContaining('OPENAI_API_KEY') });
    expect(provider.lastHealth?.()).toMatchObject({ state: 'unconfigured' });
    expect(fake.connections).toBe(0);
  });

  test('an entry without address or model is refused when it is made', () => {
    const transport = createHttpTransport({ environment: () => undefined });
    const dependencies = { ...providerDependencies(), transport };
    const entry = { id: 'mine', kind: 'openai-compatible' };
    expect(() => createOpenAiCompatibleProvider(entry, dependencies)).toThrow('providers.mine.baseUrl');
    expect(() => createOpenAiCompatibleProvider({ ...entry, baseUrl: 'http://a/v1' }, dependencies)).toThrow(
      'providers.mine.model',
    );
  });

  test('what the entry says it cannot do is unsupported', async () => {
    const { provider } = await start(undefined, { capabilities: { embeddings: false, chat: false } });
    expect((await failure(provider.embed?.({ input: [] }, never) ?? Promise.resolve())).kind).toBe('unsupported');
    expect((await failure(provider.chat(question, never))).kind).toBe('unsupported');
  });
});

describe('a parameter the model refuses', () => {
  const refusesTemperature = openAiError(400, { code: 'unsupported_parameter', param: 'temperature' });

  test('is left out, tried again once, and not sent again', async () => {
    const entry = { model: 'gpt-4.1' };
    const { fake, provider, dependencies } = await start(inTurn(refusesTemperature, streamText('ok')), entry);
    expect((await provider.chat(question, never)).message.content).toBe('ok');
    await provider.chat(question, never);
    expect(fake.requests.map(({ body }) => 'temperature' in body)).toEqual([true, false, false]);
    expect(dependencies.logged.join()).toContain('temperature');
  });

  test('does not make a loop of a server that refuses it for ever', async () => {
    const { fake, provider } = await start(refusesTemperature, { model: 'gpt-4.1' });
    expect((await failure(provider.chat(question, never))).kind).toBe('invalidRequest');
    expect(fake.requests).toHaveLength(2);
  });

  test('may be named in a sentence only, on the raw endpoint too', async () => {
    const refusal = errorStatus(400, { code: 'invalid-argument', error: 'Model m does not support parameter stop.' });
    const entry = { model: 'codellama', kind: 'openai-compatible' };
    const respond = inTurn(refusal, streamText('ok'));
    const { fake, provider } = await start(respond, entry, 'k', createOpenAiCompatibleProvider);
    const answer = await provider.completeCode(completionRequest({ context: contextAt('█') }), never);
    expect(answer.candidates).toEqual([{ text: 'ok' }]);
    expect(fake.requests.map(({ body }) => 'stop' in body)).toEqual([true, false]);
  });

  test('that limits the tokens is sent by its other name', async () => {
    const refusal = openAiError(400, { code: 'unsupported_parameter', param: 'max_completion_tokens' });
    const { fake, provider } = await start(inTurn(refusal, streamText('ok')));
    await provider.chat(chatRequest(question.messages, { maxTokens: 9 }), never);
    expect(fake.requests[1]?.body).toMatchObject({ max_tokens: 9 });
  });

  test('and that matters is not left out', async () => {
    const { fake, provider } = await start(openAiError(400, { code: 'invalid_value', param: 'messages' }));
    expect((await failure(provider.chat(question, never))).kind).toBe('invalidRequest');
    expect(fake.requests).toHaveLength(1);
  });
});

describe('health, as the last calls showed it', () => {
  test('a used-up rate limit is over at its reset', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '30s' };
    const { provider, dependencies } = await start(streamText('x', { headers }));
    await provider.chat(question, never);
    const retryAt = dependencies.clock.wallClock() + 30_000;
    expect(provider.lastHealth?.()).toMatchObject({ state: 'degraded', retryAt });
    await dependencies.clock.advance(30_000);
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
  });

  test('errors show, successes heal, cancellations and bad requests say nothing', async () => {
    const bad = openAiError(400, {});
    const { fake, provider } = await start(inTurn(openAiError(401, {}), bad, streamText('x'), bad));
    await failure(provider.chat(question, never));
    expect(provider.lastHealth?.().state).toBe('unconfigured');
    await failure(provider.chat(question, never));
    await failure(provider.chat(question, AbortSignal.abort()));
    expect(provider.lastHealth?.().state).toBe('unconfigured');
    await provider.chat(question, never);
    await failure(provider.chat(question, never));
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
    await fake.close();
    await failure(provider.chat(question, never));
    expect(provider.lastHealth?.().state).toBe('unreachable');
  });

  test('asking compares the model with those the server lists', async () => {
    const { fake, provider } = await start(models('gpt-6-luna'));
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'ready' });
    fake.respond(models('other'));
    expect(await provider.checkHealth?.(never)).toMatchObject({ state: 'degraded' });
    fake.respond(errorStatus(404));
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'ready' });
    fake.respond(errorStatus(401));
    expect(await provider.checkHealth?.(never)).toMatchObject({ state: 'unconfigured' });
  });
});

describe('odd servers', () => {
  test('one that answers a stream in one piece', async () => {
    const choices = [{ index: 0, message: { content: 'whole' }, finish_reason: 'stop' }];
    const { provider } = await start(json({ choices }));
    const seen: string[] = [];
    for await (const { delta } of provider.streamChat(question, never)) seen.push(delta);
    expect(seen).toEqual(['whole']);
  });

  test('one that lists its models without a list around them, as Together does', async () => {
    const { provider } = await start(json([{ id: 'a', object: 'model', context_length: 8192 }, { id: 'b' }]));
    expect(await provider.listModels?.(never)).toEqual([{ id: 'a', contextWindow: 8192 }, { id: 'b' }]);
  });

  test.each([
    ['fewer embeddings than texts', [{ index: 0, embedding: [1] }]],
    ['embeddings that are no numbers', [{ embedding: 'AACAPw==' }, { embedding: 'AACAPw==' }]],
    ['something else', undefined],
  ])('one that answers with %s', async (_, data) => {
    const { provider } = await start(json({ data }));
    const error = await failure(provider.embed?.({ input: ['a', 'b'] }, never) ?? Promise.resolve());
    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('one embedding for each text') });
  });

  test('one that keeps the body open after [DONE] costs its connection, not the answer', async () => {
    const { fake, provider, dependencies } = await start(undefined);
    const answer = provider.completeCode(completionRequest({ context: contextAt('a█') }), never);
    const request = await fake.nextRequest();
    const stream = fake.control(request);
    await stream.send('x');
    await stream.event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    await stream.event('[DONE]');
    while (dependencies.clock.pending === 0) await new Promise(setImmediate);
    await dependencies.clock.advance(250);
    expect((await answer).candidates).toEqual([{ text: 'x' }]);
    await request.closed;
  });

  test('one that sends content in parts, thoughts among them', async () => {
    const content = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'answer' },
    ];
    const { provider } = await start(json({ choices: [{ message: { content }, finish_reason: 'stop' }] }));
    expect((await provider.chat(question, never)).message.content).toBe('answer');
  });

  test('a refusal is the answer of a chat and no completion', async () => {
    const respond: FakeResponder = async (exchange) => {
      await exchange.event({ choices: [{ index: 0, delta: { refusal: 'I cannot.' }, finish_reason: null }] });
      await exchange.event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      await exchange.close();
    };
    const { provider } = await start(respond);
    const parts: string[] = [];
    for await (const { delta } of provider.streamChat(question, never)) parts.push(delta);
    expect(parts.join('')).toBe('I cannot.');
    const answer = await provider.completeCode(completionRequest({ context: contextAt('a█') }), never);
    expect(answer).toMatchObject({ candidates: [], finishReason: 'filtered' });
  });
});

describe('completions', () => {
  const context = contextAt('const total = █;\n');

  test('of a model that chats are unwrapped, and say how they were asked for', async () => {
    const wrapped = '<COMPLETION>\nprice * quantity\n</COMPLETION> hope this helps';
    const { fake, provider } = await start(streamText(wrapped, { chunkSize: 3 }));
    const answer = await provider.completeCode(completionRequest({ context }), never);
    expect(answer).toMatchObject({
      candidates: [{ text: 'price * quantity' }],
      note: 'hole filler',
      finishReason: 'stop',
    });
    expect(fake.requests[0]?.body['stop']).toEqual(['</COMPLETION>']);
  });

  test('of one line end with it, and close the connection', async () => {
    const { fake, provider } = await start(undefined);
    const answer = provider.completeCode(completionRequest({ context, shape: 'line' }), never);
    const request = await fake.nextRequest();
    await fake.control(request).send('a + b\nmore');
    expect((await answer).candidates).toEqual([{ text: 'a + b' }]);
    await request.closed;
  });

  test('by tokens fall back to the hole filler where the server only chats, unless the user chose them', async () => {
    const onlyChats: FakeResponder = (exchange) =>
      exchange.request.path.endsWith('chat/completions') ? streamText('x')(exchange) : errorStatus(404)(exchange);
    const entry = { kind: 'openai-compatible', model: 'qwen2.5-coder' };
    const { fake, provider, dependencies } = await start(onlyChats, entry, 'k', createOpenAiCompatibleProvider);
    expect(await provider.completeCode(completionRequest({ context }), never)).toMatchObject({ note: 'hole filler' });
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests.map(({ path }) => path)).toEqual([
      '/v1/completions',
      '/v1/chat/completions',
      '/v1/chat/completions',
    ]);
    expect(dependencies.logged).toHaveLength(1);
    const chosen = await start(onlyChats, { ...entry, fim: 'qwen' }, 'k', createOpenAiCompatibleProvider);
    const error = await failure(chosen.provider.completeCode(completionRequest({ context }), never));
    expect(error.kind).toBe('notFound');
  });

  test('find a connection open when the provider was made ready', async () => {
    const { fake, provider } = await start(streamText('x'));
    await provider.initialize?.(never);
    while (fake.connections === 0) await new Promise(setImmediate);
    expect(fake.requests).toEqual([]);
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests[0]?.connection).toBe(1);
  });

  test('that are cancelled leave a new connection for the next', async () => {
    const { fake, provider } = await start(undefined);
    const abort = new AbortController();
    const first = failure(provider.completeCode(completionRequest({ context }), abort.signal));
    const request = await fake.nextRequest();
    abort.abort();
    await first;
    await request.closed;
    while (fake.connections < 2) await new Promise(setImmediate);
    fake.respond(streamText('x'));
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests[1]?.connection).toBe(2);
  });
});
