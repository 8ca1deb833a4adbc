/** A real server of models: llama.cpp's, with a small model, through the built program. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLlamaServer, howToGetLlamaServer, type LlamaServer, startLlamaServer } from '../support/llama-server.ts';
import type { TestServer } from '../support/server.ts';
import { settingsFile } from './named-provider.ts';
import { inline, lastReason, startLocal, texts, uri } from './setup.ts';

const found = findLlamaServer();
const title = 'a real llama-server';
const key = 'key-of-the-test-0123456789';

/** No small model has tokens to fill in the middle; any three of its special ones serve to show the wire. */
const fimTokens = ['pre', 'suf', 'mid'].map((name, index) => `tokenizer.ggml.fim_${name}_token_id=int:${3 + index}`);
const parameters = [
  ...['--ctx-size', '8192', '--parallel', '2', '--threads', '2', '--slots'],
  ...['--embeddings', '--pooling', 'mean', '--override-kv', fimTokens.join(',')],
];
/** What the model says does not matter, so long as it says something: small letters, and no end of its own. */
const requestOptions = { grammar: 'root ::= [a-z]+', ignore_eos: true, seed: 1 };
const question = { messages: [{ role: 'user', content: 'Say something.' }], partialResultToken: 'part' };

/** A model on a machine that is busy with other tests is slow. */
const timeout = 120_000;

describe.skipIf(found === undefined)(
  found === undefined ? `${title} (${howToGetLlamaServer})` : title,
  { timeout },
  () => {
    let llama: LlamaServer;
    beforeAll(async () => {
      if (found === undefined) return;
      llama = await startLlamaServer(found, parameters, key);
      // The first answer is the one for which the model is read from the disk.
      await llama.ask('/completion', { prompt: 'a', n_predict: 1 });
    });
    afterAll(() => llama?.stop());

    function start(): Promise<TestServer> {
      const entry = { baseUrl: llama.origin, apiKey: { env: 'LLAMA_KEY' }, requestOptions, timeout: 60_000 };
      const slow = { timeout: 60_000, manualTimeout: 60_000 };
      const file = settingsFile({
        provider: 'llama-cpp',
        completion: { ...slow, fallback: [], maxTokens: 8 },
        providers: { 'llama-cpp': entry },
      });
      return startLocal({ arguments: ['--stdio', '--config', file], environment: { LLAMA_KEY: key } });
    }

    const busySlots = async (): Promise<number> => {
      const slots = await llama.ask('/slots');
      return Array.isArray(slots) ? slots.filter((slot) => slot.is_processing === true).length : Number.NaN;
    };

    test('completes by /infill', async () => {
      const server = await start();
      server.open(uri, 'export function add(a, b) {\n  return \n}\n');
      const [text] = texts(await inline(server, 1, 9).response);
      expect(text).toMatch(/^[a-z]+$/);
      const explained = await lastReason(server);
      expect(explained).toMatchObject({ outcome: 'offered', provider: 'llama-cpp' });
      expect(JSON.stringify(explained)).toContain('/infill');
    });

    test('streams a chat, and counts what it cost', async () => {
      const server = await start();
      const answer = await server.request('inkling/chat', { ...question, maxTokens: 8 }).response;
      expect(answer).toMatchObject({ provider: 'llama-cpp', finishReason: 'length', usage: { outputTokens: 8 } });
      expect(answer.message.content).toMatch(/^[a-z]+$/);
      expect(answer.usage.inputTokens).toBeGreaterThan(5);
      const parts = server.notifications.filter(({ params }) => params?.token === 'part');
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.map(({ params }) => params.value.delta).join('')).toBe(answer.message.content);
    });

    test('a cancel in the middle frees the slot, and the next request is answered', async () => {
      const server = await start();
      const endless = server.request('inkling/chat', { ...question, maxTokens: 100_000 });
      await server.nextNotification('$/progress', ({ token }) => token === 'part');
      expect(await busySlots()).toBe(1);
      endless.cancel();
      expect(await endless.failure).toMatchObject({ code: -32800 });
      while ((await busySlots()) > 0);
      const answer = await server.request('inkling/chat', { ...question, maxTokens: 4 }).response;
      expect(answer.message.content).toMatch(/^[a-z]+$/);
    });

    test('one request is in flight at a time', async () => {
      const server = await start();
      server.open(uri, 'const a = \n');
      const chats = [0, 1].map(() => server.request('inkling/chat', { ...question, maxTokens: 4 }));
      const completion = inline(server, 0, 10);
      let most = 0;
      let done = false;
      const all = Promise.all([...chats, completion].map(({ response }) => response)).then(() => {
        done = true;
      });
      while (!done) most = Math.max(most, await busySlots());
      await all;
      expect(most).toBe(1);
    });

    test('embeds, counts exactly, lists its model, and says what it is', async () => {
      const server = await start();
      const embedded = await server.request('inkling/embed', { input: ['one', 'two words'] }).response;
      expect(embedded.vectors).toHaveLength(2);
      expect(embedded.dimensions).toBe(embedded.vectors[0].length);
      expect(embedded.vectors[0]).not.toEqual(embedded.vectors[1]);
      const text = 'let total = 0;';
      const own = await llama.ask('/tokenize', { content: text });
      const counted = await server.request('inkling/countTokens', { text }).response;
      expect({ tokens: { length: counted.tokens }, exact: counted.exact }).toMatchObject({
        ...lengthOf(own),
        exact: true,
      });
      const { models } = await server.request('inkling/models', {}).response;
      expect(models).toMatchObject([{ id: expect.stringContaining('.gguf'), contextWindow: 4096 }]);
      const { providers } = await server.request('inkling/providers', {}).response;
      expect(providers.find(({ id }: { id: string }) => id === 'llama-cpp')).toMatchObject({
        capabilities: { fim: true, contextWindow: 4096 },
        health: { state: 'ready' },
      });
    });

    test('without its key it says where to put it', async () => {
      const server = await startLocal({
        arguments: ['--stdio', '--config', settingsFile({ providers: { 'llama-cpp': { baseUrl: llama.origin } } })],
      });
      const failure = await server.request('inkling/chat', { ...question, provider: 'llama-cpp' }).failure;
      expect(failure).toMatchObject({ data: { kind: 'authentication' } });
      expect(failure.message).toContain('providers.llama-cpp.apiKey');
    });
  },
);

function lengthOf(answer: unknown): object {
  const tokens = typeof answer === 'object' && answer !== null && 'tokens' in answer ? answer.tokens : undefined;
  return { tokens: { length: Array.isArray(tokens) ? tokens.length : Number.NaN } };
}
