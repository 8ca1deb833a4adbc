/** What Gemini's provider does beyond the contract: thoughts, filters, fields a model refuses, health, odd servers. */
import { describe, expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import {
  badRequest,
  geminiAnswer,
  geminiError,
  geminiEvents,
  geminiModel,
  geminiSend,
  geminiText,
} from '../../support/fake-gemini-wire.ts';
import type { FakeResponder } from '../../support/fake-provider.ts';
import { errorStatus, inTurn, json } from '../../support/fake-responders.ts';
import { never, startGemini } from './setup.ts';

const question = chatRequest([{ role: 'user', content: 'Why?' }], { temperature: 0.5, maxTokens: 100 });
const completion = completionRequest({ context: contextAt('const total = █;\n'), maxTokens: 100 });

async function texts(stream: AsyncIterable<{ delta: string }>): Promise<string[]> {
  const all: string[] = [];
  for await (const { delta } of stream) all.push(delta);
  return all;
}

test('thoughts are never in the text, and their tokens are counted', async () => {
  const usageMetadata = {
    promptTokenCount: 10,
    candidatesTokenCount: 3,
    thoughtsTokenCount: 40,
    cachedContentTokenCount: 6,
  };
  const parts = [{ text: 'THOUGHT', thought: true }, { text: 'ans' }, { text: 'wer', thoughtSignature: 'abc' }];
  const body = { ...geminiAnswer(parts, { finishReason: 'STOP' }), usageMetadata };
  const { fake, provider } = await startGemini(json(body));
  const usage = { inputTokens: 10, outputTokens: 43, cachedInputTokens: 6 };
  expect(await provider.chat(question, never)).toMatchObject({ message: { content: 'answer' }, usage });
  fake.respond(geminiEvents(body));
  expect((await texts(provider.streamChat(question, never))).join('')).toBe('answer');
  const completed = await provider.completeCode(completion, never);
  expect(completed).toMatchObject({ candidates: [{ text: 'answer' }], usage, model: 'gemini-fake-1' });
});

describe('filters', () => {
  test.each(['RECITATION', 'SAFETY', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'LANGUAGE'])(
    '%s',
    async (finishReason) => {
      const { fake, provider } = await startGemini(geminiText('some', { finishReason }));
      expect(await provider.chat(question, never)).toMatchObject({
        message: { content: 'some' },
        finishReason: 'filtered',
      });
      expect(await provider.completeCode(completion, never)).toMatchObject({
        candidates: [{ text: 'some' }],
        finishReason: 'filtered',
        note: expect.stringContaining(finishReason),
      });
      fake.respond(geminiText('', { finishReason }));
      const error = await failure(provider.chat(question, never));
      expect(error).toMatchObject({ kind: 'filtered', message: expect.stringContaining(finishReason) });
      expect(await failure(texts(provider.streamChat(question, never)))).toMatchObject({ kind: 'filtered' });
      expect(await provider.completeCode(completion, never)).toMatchObject({
        candidates: [],
        finishReason: 'filtered',
        note: expect.stringContaining(finishReason),
      });
    },
  );

  test.each([
    ['STOP', 'stop'],
    ['OTHER', 'stop'],
    ['SOMETHING_NEW', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['CONTINUATION', 'length'],
  ])('%s is none', async (finishReason, ours) => {
    const { provider } = await startGemini(geminiText('x', { finishReason }));
    expect((await provider.chat(question, never)).finishReason).toBe(ours);
  });

  test('a filter whose name looks like something else is not repeated', async () => {
    const { provider } = await startGemini(json({ promptFeedback: { blockReason: 'the text AIza-1' } }));
    const { kind, message } = await failure(provider.chat(question, never));
    expect({ kind, message }).toEqual({ kind: 'filtered', message: 'gemini blocked the prompt (OTHER).' });
  });
});

describe('a field the model refuses', () => {
  const refusal = (message: string, ...details: object[]): FakeResponder =>
    errorStatus(400, geminiError(400, { message, details }));
  const noMinimal = refusal('Thinking level MINIMAL is not supported for this model.');
  const noLevel = refusal('Thinking level is not supported for this model.');

  test('is lowered first, then left out, with room for the thoughts there will be', async () => {
    const { fake, provider, dependencies } = await startGemini(inTurn(noMinimal, noLevel, geminiText('ok')));
    expect(await provider.completeCode(completion, never)).toMatchObject({ candidates: [{ text: 'ok' }] });
    await provider.completeCode(completion, never);
    const configs = fake.requests.map(({ body }) => body['generationConfig'] as Record<string, unknown>);
    expect(configs.map(({ thinkingConfig }) => thinkingConfig)).toEqual([
      { thinkingLevel: 'minimal' },
      { thinkingLevel: 'low' },
      undefined,
      undefined,
    ]);
    expect(configs.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([100, 2148, 2148, 2148]);
    expect(dependencies.logged.join()).toContain('thinkingConfig');
  });

  test('is left out for its model only, and not sent again', async () => {
    const respond: FakeResponder = (exchange) =>
      exchange.request.text.includes('temperature') && exchange.request.path.includes('odd')
        ? refusal('Bad', badRequest('generation_config.temperature', 'Unknown'))(exchange)
        : geminiText('ok')(exchange);
    const { fake, provider } = await startGemini(respond);
    await provider.chat({ ...question, model: 'gemini-odd' }, never);
    await texts(provider.streamChat({ ...question, model: 'gemini-odd' }, never));
    await provider.chat(question, never);
    const sent = fake.requests.map(({ text }) => text.includes('temperature'));
    expect(sent).toEqual([true, false, false, true]);
  });

  test.each([
    ['stopSequences', 'The stop_sequences field is not supported.'],
    ['maxOutputTokens', "Invalid value at 'generation_config.max_output_tokens'"],
    ['safetySettings', '* GenerateContentRequest.safety_settings[0]: element predicate failed'],
  ])('may be named in a sentence only: %s', async (field, sentence) => {
    const entry = { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }] };
    const { fake, provider } = await startGemini(inTurn(refusal(sentence), geminiText('ok')), entry);
    await provider.completeCode(completion, never);
    expect(fake.requests.map(({ text }) => text.includes(field))).toEqual([true, false]);
  });

  test('does not make a loop of a server that refuses for ever', async () => {
    const { fake, provider } = await startGemini(refusal('temperature and thinking and stop sequences'));
    expect((await failure(provider.completeCode(completion, never))).kind).toBe('invalidRequest');
    expect(fake.requests.length).toBeLessThanOrEqual(4);
  });

  test('and that was not sent is no reason to try again', async () => {
    const { fake, provider } = await startGemini(refusal('Thinking is not possible, nor a temperature.'));
    expect((await failure(provider.chat(chatRequest(question.messages), never))).kind).toBe('invalidRequest');
    expect(fake.requests).toHaveLength(1);
  });
});

describe('health', () => {
  test('errors show for as long as Google says, successes heal', async () => {
    const limited = errorStatus(
      429,
      geminiError(429, { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' }] }),
    );
    const { fake, provider, dependencies } = await startGemini(limited);
    await failure(provider.chat(question, never));
    const retryAt = dependencies.clock.wallClock() + 30_000;
    expect(provider.lastHealth?.()).toMatchObject({ state: 'degraded', retryAt });
    await dependencies.clock.advance(30_000);
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
    await failure(provider.chat(question, never));
    fake.respond(geminiText('x'));
    await provider.chat(question, never);
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
  });

  test('asking asks for the model', async () => {
    const { fake, provider } = await startGemini(json(geminiModel('gemini-3.5-flash-lite', ['generateContent'])));
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'ready' });
    expect(fake.requests[0]?.path).toBe('/v1beta/models/gemini-3.5-flash-lite');
    fake.respond(errorStatus(404, geminiError(404)));
    expect(await provider.checkHealth?.(never)).toMatchObject({ state: 'degraded', message: /knows no model/ });
    fake.respond(errorStatus(403, geminiError(403)));
    expect(await provider.checkHealth?.(never)).toMatchObject({ state: 'unconfigured' });
    expect((await failure(Promise.resolve(provider.checkHealth?.(AbortSignal.abort())))).kind).toBe('cancelled');
  });
});

describe('odd questions', () => {
  test('a message without text is left out, because it is refused', async () => {
    const { fake, provider } = await startGemini(geminiText('x'));
    await provider.chat(chatRequest([{ role: 'assistant', content: '' }, ...question.messages]), never);
    expect(fake.requests[0]?.body['contents']).toEqual([{ role: 'user', parts: [{ text: 'Why?' }] }]);
  });

  test.each([[[]], [[{ role: 'user', content: '' }]], [[{ role: 'system', content: 'Be brief.' }]]] as const)(
    'and nothing is asked where nothing is left: %j',
    async (messages) => {
      const { fake, provider } = await startGemini(geminiText('x'));
      expect((await failure(provider.chat(chatRequest(messages), never))).kind).toBe('invalidRequest');
      expect((await failure(texts(provider.streamChat(chatRequest(messages), never)))).kind).toBe('invalidRequest');
      expect(fake.requests).toEqual([]);
    },
  );
});

test.each([{ 'X-Goog-Api-Key': 'own' }, { authorization: 'Bearer own' }])(
  'a key may be in a header: %j',
  async (headers) => {
    const { fake, provider } = await startGemini(geminiText('x'), { headers }, '');
    await provider.chat(question, never);
    expect(JSON.stringify(fake.requests[0]?.headers)).toContain('own');
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
  },
);

describe('odd servers', () => {
  test('one that says of every part that it has no finish reason yet', async () => {
    const part = (text: string, finishReason = 'FINISH_REASON_UNSPECIFIED') =>
      geminiAnswer([{ text }], { finishReason });
    const { fake, provider } = await startGemini(geminiEvents(part('a'), part('b'), part('c', 'STOP')));
    expect((await texts(provider.streamChat(question, never))).join('')).toBe('abc');
    fake.respond(geminiEvents(part('a'), part('b')));
    expect((await failure(texts(provider.streamChat(question, never)))).kind).toBe('network');
  });

  test('one that answers a stream in one piece', async () => {
    const { provider } = await startGemini(json(geminiAnswer([{ text: 'whole' }], { finishReason: 'STOP' })));
    expect(await texts(provider.streamChat(question, never))).toEqual(['whole']);
  });

  test('one that keeps the body open after the end costs its connection, not the answer', async () => {
    const { fake, provider, dependencies } = await startGemini();
    const answer = provider.completeCode(completion, never);
    const request = await fake.nextRequest();
    await geminiSend(fake.control(request), 'x', { finishReason: 'STOP' });
    while (dependencies.clock.pending === 0) await new Promise(setImmediate);
    await dependencies.clock.advance(250);
    expect((await answer).candidates).toEqual([{ text: 'x' }]);
    await request.closed;
  });

  test('a list of models that never ends is left', async () => {
    const page = { models: [geminiModel('m', []), geminiModel('n', [])], nextPageToken: 'next' };
    const { provider } = await startGemini(json(page));
    expect((await provider.listModels?.(never))?.length).toBe(10);
    const empty = await startGemini(json({ models: [], nextPageToken: 'next' }));
    expect((await empty.provider.listModels?.(never))?.length).toBe(0);
    expect(empty.fake.requests.length).toBe(5);
  });
});

describe('completions', () => {
  test('are unwrapped, and say how they were asked for', async () => {
    const wrapped = '<COMPLETION>\nprice * quantity\n</COMPLETION> hope this helps';
    const { provider } = await startGemini(geminiText(wrapped, { chunkSize: 3 }));
    expect(await provider.completeCode(completion, never)).toMatchObject({
      candidates: [{ text: 'price * quantity' }],
      note: 'hole filler',
      finishReason: 'stop',
    });
  });

  test('of one line end with it, and close the connection', async () => {
    const { fake, provider } = await startGemini();
    const answer = provider.completeCode({ ...completion, shape: 'line' }, never);
    const request = await fake.nextRequest();
    await geminiSend(fake.control(request), '<COMPLETION>a + b\nmore');
    expect((await answer).candidates).toEqual([{ text: 'a + b' }]);
    await request.closed;
  });

  test('find a connection open when the provider was made ready', async () => {
    const { fake, provider } = await startGemini(geminiText('x'));
    await provider.initialize?.(never);
    while (fake.connections === 0) await new Promise(setImmediate);
    expect(fake.requests).toEqual([]);
    await provider.completeCode(completion, never);
    expect(fake.connections).toBe(1);
  });
});

test('what the entry says it cannot do is unsupported', async () => {
  const capabilities = { embeddings: false, chat: false, codeCompletion: false, tokenCounting: false };
  const { fake, provider } = await startGemini(geminiText('x'), { capabilities });
  const calls = [
    provider.chat(question, never),
    texts(provider.streamChat(question, never)),
    provider.completeCode(completion, never),
    provider.embed?.({ input: [] }, never),
    provider.countTokens?.('', never),
  ];
  for (const call of calls) expect((await failure(Promise.resolve(call))).kind).toBe('unsupported');
  expect(fake.requests).toEqual([]);
});

test('an entry without address or model is refused when it is made', async () => {
  const made = (entry: object) => startGemini(undefined, entry);
  await expect(made({ baseUrl: undefined })).rejects.toThrow('providers.gemini.baseUrl');
  await expect(made({ model: undefined })).rejects.toThrow('providers.gemini.model');
});
