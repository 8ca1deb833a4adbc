/** What goes over the wire of llama.cpp's server, to the byte, and how its model is asked to complete, with the reason. */
import { describe, expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import {
  llamaEmbeddings,
  llamaModels,
  llamaProperties,
  llamaText,
  llamaWithoutInfill,
} from '../../support/fake-llama-cpp-wire.ts';
import type { FakeResponder } from '../../support/fake-provider.ts';
import { json } from '../../support/fake-responders.ts';
import { recordedRequest } from '../../support/recorded-request.ts';
import { never, startLlama } from './setup.ts';

const place = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
const snippet = {
  uri: 'file:///project/src/b.ts',
  path: 'src/b.ts',
  range: place,
  reason: 'similar',
  score: 1,
} as const;
const context = contextAt('export function add(a: number, b: number) {\n  return █\n}\n', {
  snippets: [{ ...snippet, text: 'export const one = 1;\n' }],
});
const question = chatRequest(
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Why?' },
  ],
  { maxTokens: 100, temperature: 0.2 },
);

function fixture(name: string): string {
  return `../../fixtures/requests/llama-cpp-${name}.http`;
}

describe('what is sent', () => {
  test('a completion by /infill', async () => {
    const { fake, provider } = await startLlama(llamaText('a + b'));
    await provider.completeCode(completionRequest({ context }), never);
    const what =
      'A completion: other files beside it, and the beginning of the line behind everything that stays while it is typed.';
    await expect(recordedRequest(what, fake.requests[0])).toMatchFileSnapshot(fixture('infill'));
  });

  test('a completion of one line with a temperature, fields of the settings and a key', async () => {
    const entry = { model: 'router-model', requestOptions: { t_max_predict_ms: 500 }, maxTokens: 64 };
    const { fake, provider } = await startLlama(llamaText('a'), entry, 'key-1');
    const request = completionRequest({ context, shape: 'line', temperature: 0.3, extension: { id_slot: 3 } });
    await provider.completeCode(request, never);
    expect(fake.requests[0]?.headers.authorization).toBe('Bearer key-1');
    expect(fake.requests[0]?.body).toMatchObject({
      model: 'router-model',
      n_predict: 64,
      stop: ['\n'],
      temperature: 0.3,
      samplers: ['top_k', 'top_p', 'infill', 'temperature'],
      t_max_predict_ms: 500,
      id_slot: 3,
    });
  });

  test('a completion by the tokens of a family', async () => {
    const { fake, provider } = await startLlama(llamaText('a'), { fim: 'codestral' });
    await provider.completeCode(completionRequest({ context }), never);
    const what = 'A completion by the tokens of a family, which the settings name.';
    await expect(recordedRequest(what, fake.requests[0])).toMatchFileSnapshot(fixture('tokens'));
  });

  test('a completion by a model that is asked to fill a hole: no thoughts', async () => {
    const { fake, provider } = await startLlama(llamaText('a'), { fim: 'none' });
    await provider.completeCode(completionRequest({ context }), never);
    const { messages, ...rest } = fake.requests[0]?.body ?? {};
    expect(messages).toHaveLength(8);
    expect(rest).toEqual({
      max_tokens: 256,
      stop: ['</COMPLETION>'],
      chat_template_kwargs: { enable_thinking: false },
      cache_prompt: true,
      stream: true,
      stream_options: { include_usage: true },
      id_slot: 0,
    });
  });

  test('a chat, which leaves the slot of completions alone where there is another', async () => {
    const { fake, provider } = await startLlama(llamaProperties(4), {});
    await provider.initialize?.(never);
    fake.respond(llamaText('x'));
    await provider.chat(question, never);
    const what = 'A chat: no key, and a slot of its own.';
    await expect(recordedRequest(what, fake.requests[1])).toMatchFileSnapshot(fixture('chat'));
    const single = await startLlama(llamaText('x'), { reasoningEffort: 'none' });
    await single.provider.chat(question, never);
    expect(single.fake.requests[0]?.body).not.toHaveProperty('id_slot');
    expect(single.fake.requests[0]?.body['chat_template_kwargs']).toEqual({ enable_thinking: false });
  });

  test('embeddings, tokens and models, at an address that was copied with its /v1', async () => {
    const { fake, provider } = await startLlama(
      llamaEmbeddings([
        [1, 2],
        [3, 4],
      ]),
    );
    const vectors = [
      [1, 2],
      [3, 4],
    ];
    expect(await provider.embed?.({ input: ['a', 'b'] }, never)).toMatchObject({ vectors, dimensions: 2 });
    expect(fake.requests[0]).toMatchObject({ path: '/embedding', body: { content: ['a', 'b'] } });
    const same = await startLlama(undefined, { baseUrl: `${fake.url}/` });
    fake.respond(json({ tokens: [1, 2, 3] }));
    expect(await same.provider.countTokens?.('let a', never)).toEqual({ tokens: 3, exact: true });
    expect(fake.requests[1]).toMatchObject({ path: '/tokenize', body: { content: 'let a' } });
    fake.respond(llamaModels('coder'));
    expect(await provider.listModels?.(never)).toEqual([{ id: 'coder', contextWindow: 4096 }]);
    expect(fake.requests[2]).toMatchObject({ method: 'GET', path: '/v1/models' });
  });

  test('vectors come in the order of the input, and one for each text or not at all', async () => {
    const swapped = [
      { index: 1, embedding: [[3, 4]] },
      { index: 0, embedding: [1, 2] },
    ];
    const { fake, provider } = await startLlama(json(swapped));
    const answer = await provider.embed?.({ input: ['a', 'b'] }, never);
    expect(answer?.vectors).toEqual([
      [1, 2],
      [3, 4],
    ]);
    fake.respond(json([{ index: 0, embedding: [[1], [2]] }]));
    const error = await failure(provider.embed?.({ input: ['two words'] }, never) ?? Promise.resolve());
    expect(error).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('--pooling mean') });
  });
});

describe('how the model is asked to complete, and why', () => {
  const noInfill: FakeResponder = (exchange) =>
    exchange.request.path === '/infill' ? llamaWithoutInfill(exchange) : llamaText('x')(exchange);

  test('by /infill, and what the prompt cost and what of it was cached', async () => {
    const usage = { inputTokens: 40, outputTokens: 3, cachedInputTokens: 38 };
    const { provider } = await startLlama(llamaText('a + b', { usage }));
    expect(await provider.completeCode(completionRequest({ context }), never)).toEqual({
      candidates: [{ text: 'a + b' }],
      model: 'fake-coder-1b.Q4_0.gguf',
      finishReason: 'stop',
      usage,
      note: "fim: /infill: the model's file names its tokens",
    });
    expect(provider.capabilities.fim).toBe(true);
  });

  test('by a hole filler where the model has no tokens, without asking again', async () => {
    const { fake, provider } = await startLlama(noInfill);
    const answer = await provider.completeCode(completionRequest({ context }), never);
    expect(answer.note).toMatch(/^hole filler: the model has no \/infill, and its name tells no family/);
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests.map(({ path }) => path)).toEqual(['/infill', '/v1/chat/completions', '/v1/chat/completions']);
    expect(provider.capabilities.fim).toBe(false);
  });

  test('by the tokens of the family that the name of the file tells', async () => {
    const { fake, provider } = await startLlama(llamaProperties(1, 4096, 'Codestral-22B-v0.1-Q4_K_M.gguf'));
    await provider.initialize?.(never);
    fake.respond(noInfill);
    const answer = await provider.completeCode(completionRequest({ context }), never);
    expect(answer.note).toMatch(/^fim: codestral tokens: .*its name tells its family/);
    expect(fake.requests.map(({ path }) => path)).toEqual(['/props', '/infill', '/completion']);
    expect(provider.capabilities.fim).toBe(true);
  });

  test('as the settings say, which is not second-guessed', async () => {
    const { provider } = await startLlama(noInfill, { fim: 'suffix' });
    const error = await failure(provider.completeCode(completionRequest({ context }), never));
    expect(error).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('no tokens for infill') });
  });

  test('the server says how much a slot holds, unless the settings do', async () => {
    const { provider } = await startLlama(llamaProperties(2, 2048));
    expect(provider.capabilities.contextWindow).toBeNull();
    await provider.initialize?.(never);
    expect(provider.capabilities.contextWindow).toBe(2048);
    const told = await startLlama(llamaProperties(2, 2048), { contextWindow: 1000 });
    await told.provider.initialize?.(never);
    expect(told.provider.capabilities.contextWindow).toBe(1000);
  });
});
