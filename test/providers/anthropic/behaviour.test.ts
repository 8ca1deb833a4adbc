/** What the anthropic provider does beyond the contract: refusals, parameters a model refuses, what the list teaches, health. */
import { describe, expect, test } from 'vitest';
import { type ChatMessage, chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import {
  anthropicBegin,
  anthropicError,
  anthropicModels,
  anthropicSend,
  anthropicText,
  fakeClaude,
} from '../../support/fake-anthropic-wire.ts';
import { inTurn } from '../../support/fake-responders.ts';
import { startAnthropic } from './setup.ts';

const never = new AbortController().signal;
const messages: readonly ChatMessage[] = [{ role: 'user', content: 'Why?' }];
const question = chatRequest(messages, { temperature: 0.5 });
const completion = completionRequest({ context: contextAt('const total = █;\n') });

describe('why an answer ended', () => {
  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['tool_use', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['pause_turn', 'length'],
    ['refusal', 'filtered'],
    ['yet_to_be_invented', 'stop'],
  ])('%s is %s', async (stopReason, finishReason) => {
    const { provider } = await startAnthropic(anthropicText('x', { stopReason }));
    expect((await provider.chat(question, never)).finishReason).toBe(finishReason);
    expect((await provider.completeCode(completion, never)).finishReason).toBe(finishReason);
  });

  test('a refusal is said in a chat, with its explanation or its category, and is no completion', async () => {
    const explained = { type: 'refusal', category: 'cyber', explanation: 'This could enable harm.' };
    const refused = { stopReason: 'refusal', stopDetails: explained };
    const { fake, provider } = await startAnthropic(anthropicText('Well', refused));
    const streamed = async () => {
      let text = '';
      for await (const { delta } of provider.streamChat(question, never)) text += delta;
      return text;
    };
    expect((await provider.chat(question, never)).message.content).toBe('Well\n\nThis could enable harm.');
    expect(await streamed()).toBe('Well\n\nThis could enable harm.');
    fake.respond(anthropicText('', { ...refused, stopDetails: { ...explained, explanation: null } }));
    expect(await streamed()).toBe('Sorry, the model declined to answer (cyber).');
    expect(await provider.completeCode(completion, never)).toMatchObject({
      candidates: [],
      finishReason: 'filtered',
      note: 'hole filler; the model declined to answer (cyber)',
    });
  });
});

describe('usage', () => {
  const usage = {
    input_tokens: 5,
    cache_read_input_tokens: 800,
    cache_creation_input_tokens: 90,
    output_tokens: 7,
  };
  const total = { inputTokens: 895, outputTokens: 7, cachedInputTokens: 800 };

  test('counts what came from the cache and went into it as input', async () => {
    const { provider } = await startAnthropic(anthropicText('x', { usage }));
    expect((await provider.chat(question, never)).usage).toEqual(total);
    expect((await provider.completeCode(completion, never)).usage).toEqual(total);
  });

  test('of the beginning holds where the end leaves it out', async () => {
    const { provider } = await startAnthropic(async (exchange) => {
      await exchange.event({ type: 'message_start', message: { model: fakeClaude, usage } }, 'message_start');
      const last = { input_tokens: null, cache_read_input_tokens: null, output_tokens: 9 };
      await exchange.event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: last }, 'message_delta');
      await exchange.event({ type: 'message_stop' }, 'message_stop');
      await exchange.close();
    });
    const answer = await provider.completeCode(completion, never);
    expect(answer).toMatchObject({ usage: { ...total, outputTokens: 9 }, model: fakeClaude });
  });
});

describe('thoughts', () => {
  test('are in no text', async () => {
    const { provider } = await startAnthropic(anthropicText('answer', { thoughts: 'hm, hm' }));
    expect((await provider.chat(question, never)).message.content).toBe('answer');
    expect((await provider.completeCode(completion, never)).candidates).toEqual([{ text: 'answer' }]);
  });
});

describe('a parameter the model refuses', () => {
  test('is left out, tried again once, and not sent again', async () => {
    const refusal = anthropicError(400, 'temperature: Extra inputs are not permitted');
    const entry = { anthropicVersion: '2023-06-01', model: 'claude-sonnet-4-6' };
    const { fake, provider, dependencies } = await startAnthropic(inTurn(refusal, anthropicText('ok')), entry);
    expect((await provider.chat(question, never)).message.content).toBe('ok');
    await provider.chat(question, never);
    expect(fake.requests.map(({ body }) => 'temperature' in body)).toEqual([true, false, false]);
    expect(dependencies.logged.join()).toContain('temperature');
  });

  test('to switch thinking off leaves room for the thoughts', async () => {
    const refusal = anthropicError(400, '"thinking.type.disabled" is not supported for this model. Use …');
    const { fake, provider } = await startAnthropic(inTurn(refusal, anthropicText('ok')));
    for (let time = 0; time < 2; time++) {
      expect((await provider.completeCode(completion, never)).candidates).toEqual([{ text: 'ok' }]);
    }
    expect(fake.requests.map(({ body }) => [body['thinking'], body['max_tokens']])).toEqual([
      [{ type: 'disabled' }, 256],
      [undefined, 2304],
      [undefined, 2304],
    ]);
  });

  test('and that matters is not left out', async () => {
    const { fake, provider } = await startAnthropic(anthropicError(400, 'messages: at least one message is required'));
    expect((await failure(provider.chat(question, never))).kind).toBe('invalidRequest');
    expect(fake.requests).toHaveLength(1);
  });
});

describe('the list of models', () => {
  const supported = { supported: true };
  const capabilities = (types: object) => ({ thinking: { supported: true, types }, effort: { low: supported } });

  test('has sizes and capabilities, page by page', async () => {
    const { fake, provider } = await startAnthropic(
      anthropicModels([{ id: 'claude-a' }, { id: 'claude-b', max_input_tokens: null }], [{ id: 'claude-c' }]),
    );
    const can = {
      streaming: true,
      chat: true,
      codeCompletion: true,
      tokenCounting: true,
      fim: false,
      embeddings: false,
    };
    expect(await provider.listModels?.(never)).toEqual([
      { id: 'claude-a', contextWindow: 1_000_000, capabilities: { ...can, contextWindow: 1_000_000 } },
      { id: 'claude-b', capabilities: can },
      { id: 'claude-c', contextWindow: 1_000_000, capabilities: { ...can, contextWindow: 1_000_000 } },
    ]);
    expect(fake.requests.map(({ path }) => path)).toEqual([
      '/v1/models?limit=1000',
      '/v1/models?limit=1000&after_id=claude-b',
    ]);
  });

  test.each([
    ['can be told not to', { disabled: supported, adaptive: supported }, { type: 'disabled' }, 256],
    ['thinks between tools only', { between_tools: supported, adaptive: supported }, { type: 'between_tools' }, 256],
    ['thinks always', { disabled: { supported: false }, adaptive: supported }, undefined, 2304],
  ])('teaches how a model unknown to the table %s', async (_, types, thinking, tokens) => {
    const model = 'claude-newer-9';
    const list = anthropicModels([{ id: model, max_input_tokens: 2_000_000, capabilities: capabilities(types) }]);
    const { fake, provider } = await startAnthropic(list, { model });
    expect(provider.capabilities.contextWindow).toBeNull();
    await provider.initialize?.(never);
    expect(fake.requests.map(({ path }) => path)).toEqual([`/v1/models/${model}`]);
    expect(provider.capabilities.contextWindow).toBe(2_000_000);
    fake.respond(anthropicText('x'));
    await provider.completeCode(completion, never);
    const { body } = fake.requests[1] ?? {};
    expect(body).toMatchObject({ output_config: { effort: 'low' }, max_tokens: tokens });
    expect(body?.['thinking']).toEqual(thinking);
  });

  test('is not asked for a model the table knows', async () => {
    const { fake, provider } = await startAnthropic(anthropicText('x'));
    await provider.initialize?.(never);
    while (fake.connections === 0) await new Promise(setImmediate);
    expect(fake.requests).toEqual([]);
    await provider.completeCode(completion, never);
    expect(fake.requests[0]?.connection).toBe(1);
  });
});

describe('health', () => {
  test('asks for the model itself, so that short names are known too', async () => {
    const { fake, provider } = await startAnthropic(anthropicModels([{ id: 'claude-haiku-5-5' }]));
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'ready' });
    expect(fake.requests[0]?.path).toBe('/v1/models/claude-haiku-5-5');
    fake.respond(anthropicModels([{ id: 'other' }]));
    expect(await provider.checkHealth?.(never)).toMatchObject({ state: 'degraded' });
    fake.respond(anthropicError(401));
    expect(await provider.checkHealth?.(never)).toMatchObject({ state: 'unconfigured' });
  });

  test('a used-up rate limit is over at its reset', async () => {
    const { fake, provider, dependencies } = await startAnthropic(undefined);
    // By the server's clock, which is not ours.
    const headers = {
      'anthropic-ratelimit-output-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-reset': '2026-01-01T12:00:30Z',
      date: 'Thu, 01 Jan 2026 12:00:00 GMT',
    };
    fake.respond(anthropicText('x', { headers }));
    await provider.chat(question, never);
    expect(provider.lastHealth?.()).toMatchObject({
      state: 'degraded',
      retryAt: dependencies.clock.wallClock() + 30_000,
    });
    await dependencies.clock.advance(30_000);
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
  });
});

describe('what it cannot do', () => {
  test('is unsupported, with who can', async () => {
    const { provider } = await startAnthropic(undefined, { capabilities: { chat: false, embeddings: true } });
    expect(provider.capabilities).toMatchObject({ embeddings: false, fim: false });
    const error = await failure(provider.embed?.({ input: ['a'] }, never) ?? Promise.resolve());
    expect(error).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('openai') });
    expect((await failure(provider.chat(question, never))).kind).toBe('unsupported');
  });

  test('no text has no tokens, which the server refuses to count', async () => {
    const { fake, provider } = await startAnthropic(undefined);
    expect(await provider.countTokens?.('', never)).toEqual({ tokens: 0, exact: true });
    expect(fake.requests).toEqual([]);
  });
});

describe('completions', () => {
  test('are unwrapped, and say how they were asked for', async () => {
    const wrapped = '<COMPLETION>\nprice * quantity\n</COMPLETION> hope this helps';
    const { provider } = await startAnthropic(anthropicText(wrapped, { chunkSize: 3 }));
    expect(await provider.completeCode(completion, never)).toMatchObject({
      candidates: [{ text: 'price * quantity' }],
      note: 'hole filler',
      finishReason: 'stop',
    });
  });

  test('of one line end with it, and close the connection', async () => {
    const { fake, provider } = await startAnthropic(undefined);
    const answer = provider.completeCode(completionRequest({ ...completion, shape: 'line' }), never);
    const request = await fake.nextRequest();
    await anthropicBegin(fake.control(request), '<COMPLETION>a');
    await anthropicSend(fake.control(request), ' + b\nmore');
    expect((await answer).candidates).toEqual([{ text: 'a + b' }]);
    await request.closed;
  });
});

describe('after message_stop', () => {
  /** A completion whose answer is whole, but whose body is still open. */
  async function whole(abort = new AbortController()) {
    const setup = await startAnthropic(undefined);
    const answer = setup.provider.completeCode(completion, abort.signal);
    const request = await setup.fake.nextRequest();
    const exchange = setup.fake.control(request);
    await anthropicBegin(exchange, 'x');
    await exchange.event({ type: 'message_stop' }, 'message_stop');
    while (setup.dependencies.clock.pending === 0) await new Promise(setImmediate);
    return { ...setup, answer, request, exchange };
  }

  test('the end of the body is awaited, so that the connection serves again', async () => {
    const { answer, exchange, fake, provider } = await whole();
    await exchange.close();
    expect((await answer).candidates).toEqual([{ text: 'x' }]);
    fake.respond(anthropicText('y'));
    // The socket is free a turn after its answer ended.
    await new Promise(setImmediate);
    await provider.completeCode(completion, never);
    expect(fake.requests[1]?.connection).toBe(1);
  });

  test('a body that stays open costs its connection, not the answer', async () => {
    const { answer, request, dependencies } = await whole();
    await dependencies.clock.advance(250);
    expect((await answer).candidates).toEqual([{ text: 'x' }]);
    await request.closed;
  });

  test('an aborted call is cancelled all the same', async () => {
    const abort = new AbortController();
    const { answer, request } = await whole(abort);
    const failed = failure(answer);
    abort.abort();
    expect((await failed).kind).toBe('cancelled');
    await request.closed;
  });
});
