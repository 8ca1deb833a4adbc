/** Each form of a call made from the other. */
import { describe, expect, test } from 'vitest';
import { type AiProvider, aiProviderApiVersion } from '../../src/domain/ai-provider.ts';
import { chatRequest, chatResponse } from '../../src/domain/chat.ts';
import { completionRequest, completionResponse } from '../../src/domain/completion.ts';
import { withBothForms, withStreamCode } from '../../src/providers/adapt-streaming.ts';
import { contextAt } from '../support/code-context.ts';

const signal = new AbortController().signal;
const question = chatRequest([{ role: 'user', content: 'Why?' }]);
const completion = completionRequest({ context: contextAt('█') });
const usage = { inputTokens: 1, outputTokens: 2 };
const finish = { reason: 'length', model: 'm', usage } as const;

const base = {
  apiVersion: aiProviderApiVersion,
  name: 'p',
  model: 'm',
  local: false,
  capabilities: {
    streaming: false,
    codeCompletion: true,
    fim: false,
    chat: true,
    embeddings: false,
    tokenCounting: false,
    contextWindow: null,
  },
} satisfies Partial<AiProvider>;

const unary = {
  ...base,
  chat: async () => chatResponse('because', { model: 'm', finishReason: 'length', usage }),
  completeCode: async () => completionResponse({ candidates: [{ text: 'a' }, { text: 'b' }], model: 'm', note: 'n' }),
};
const streaming = {
  ...base,
  async *streamChat() {
    yield { delta: 'be' };
    yield { delta: 'cause', finish };
  },
  async *streamCode() {
    yield { delta: '' };
    yield { delta: '', finish: { ...finish, note: 'n' } };
  },
};

async function all<Chunk>(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test('an answer in one piece becomes a stream of its text and its end', async () => {
  const provider = withBothForms(unary);
  expect(await all(provider.streamChat(question, signal))).toEqual([{ delta: 'because' }, { delta: '', finish }]);
  expect(await all(provider.streamCode(completion, signal))).toEqual([
    { delta: 'a' },
    { delta: '', finish: { reason: 'stop', model: 'm', note: 'n' } },
  ]);
});

test('a stream becomes an answer; no text is no candidate', async () => {
  const provider = withBothForms(streaming);
  expect(await provider.chat(question, signal)).toMatchObject({
    message: { content: 'because' },
    finishReason: 'length',
    usage,
  });
  expect(await provider.completeCode(completion, signal)).toMatchObject({ candidates: [], note: 'n' });
});

test('a stream that ends without its end is an error', async () => {
  const provider = withBothForms({
    ...unary,
    chat: undefined as never,
    async *streamChat() {
      yield { delta: 'be' };
    },
  });
  await expect(provider.chat(question, signal)).rejects.toMatchObject({ kind: 'network', provider: 'p' });
});

describe('a provider that is an object of a class', () => {
  class Provider {
    readonly apiVersion = aiProviderApiVersion;
    readonly name = 'p';
    readonly model = 'm';
    readonly local = false;
    readonly capabilities = base.capabilities;
    readonly #answer = 'private';
    async chat() {
      return chatResponse(this.#answer, { model: 'm' });
    }
    async *streamChat() {
      yield { delta: this.#answer, finish };
    }
    async completeCode() {
      return completionResponse({ candidates: [{ text: this.#answer }], model: 'm' });
    }
    async listModels() {
      return [{ id: this.#answer }];
    }
  }

  test('keeps its methods and its privacy', async () => {
    const provider = withStreamCode(new Provider());
    expect((await provider.chat(question, signal)).message.content).toBe('private');
    expect(await all(provider.streamCode(completion, signal))).toMatchObject([{ delta: 'private' }, { delta: '' }]);
    expect(await provider.listModels?.(signal)).toEqual([{ id: 'private' }]);
    expect(provider.embed).toBeUndefined();
  });
});

test('nothing is asked before the stream is read', async () => {
  let asked = 0;
  const provider = withBothForms({
    ...unary,
    async chat() {
      asked++;
      throw new Error('no');
    },
  });
  const stream = provider.streamChat(question, signal);
  expect(asked).toBe(0);
  await expect(all(stream)).rejects.toThrow('no');
});
