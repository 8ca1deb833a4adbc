/** What users' modules may get wrong, and that each costs them an error of their own provider and nobody anything else. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { AiError } from '../../../src/domain/ai-error.ts';
import type { AiProvider } from '../../../src/domain/ai-provider.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createModuleProvider } from '../../../src/providers/module/module-provider.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';

const never = new AbortController().signal;
const question = chatRequest([{ role: 'user', content: 'the-users-words' }]);
const completion = completionRequest({ context: contextAt('const a = █') });
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function written(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-module-'));
  folders.push(folder);
  const file = join(folder, 'provider.mjs');
  writeFileSync(file, source);
  return file;
}

function make(module: string, entry: Partial<ProviderEntry> = {}) {
  const dependencies = providerDependencies('key-1');
  const transport = createHttpTransport({ environment: () => undefined });
  const provider = createModuleProvider(
    { id: 'mine', kind: 'module', module, ...entry },
    { ...dependencies, transport },
  );
  return { provider, clock: dependencies.clock };
}

/** A provider whose members are this source text. */
function withMembers(members: string, entry: Partial<ProviderEntry> = {}): Promise<AiProvider> {
  return make(written(`export default (entry, tools) => ({ apiVersion: 1, ${members} })`), entry).provider;
}

const works = 'chat: () => ({ message: { content: "yes" } })';

describe('a module that cannot be used', () => {
  test.each([
    ['is no JavaScript', 'export default function (', /cannot be loaded: /],
    [
      'throws while it is loaded',
      'throw new Error("no licence")',
      /cannot be loaded: Error: no licence \(.*provider\.mjs/,
    ],
    ['throws something that is no error', 'throw 1', /cannot be loaded: it threw something that is no error/],
    ['lacks a module', 'import "./nowhere.mjs"; export default 1', /cannot be loaded: Error: /],
    ['exports nothing', 'const provider = {};', /default export has to be a function/],
    ['exports an object', 'export default { apiVersion: 1 }', /default export has to be a function/],
    ['makes nothing', 'export default () => undefined', /returned no provider object/],
    ['has no version', `export default () => ({ ${works} })`, /apiVersion is no number, and this program speaks 1/],
    ['has another version', `export default () => ({ apiVersion: 2, ${works} })`, /apiVersion is 2/],
    ['offers nothing', 'export default () => ({ apiVersion: 1 })', /neither chat nor codeCompletion nor embeddings/],
    ['has a method that is none', 'export default () => ({ apiVersion: 1, chat: "yes" })', /chat is no function/],
    [
      'promises what it has not',
      `export default () => ({ apiVersion: 1, ${works}, capabilities: { embeddings: true } })`,
      /capabilities\.embeddings is true, and there is no function embed/,
    ],
    [
      'answers a flag with a word',
      `export default () => ({ apiVersion: 1, ${works}, capabilities: { fim: "yes" } })`,
      /capabilities\.fim is neither true nor false/,
    ],
    [
      'has a context of no size',
      `export default () => ({ apiVersion: 1, ${works}, capabilities: { contextWindow: "big" } })`,
      /contextWindow is neither a number nor null/,
    ],
  ])('%s', async (_, source, message) => {
    const error = await failure(make(written(source)).provider);
    expect(error).toMatchObject({ kind: 'notConfigured', provider: 'mine', retryable: false });
    expect(error.message).toMatch(message);
  });

  test.each([
    'provider.js',
    './provider.js',
    '~/provider.js',
    '',
    'https://host/p.js',
    'data:text/javascript,1',
    'file:p.js',
  ])('is named by %j', async (place) => {
    const error = await failure(make(place).provider);
    expect(error).toMatchObject({ kind: 'notConfigured', message: expect.stringContaining('providers.mine.module') });
  });

  test('is not there', async () => {
    const error = await failure(make('/nowhere/provider.mjs').provider);
    expect(error).toMatchObject({ kind: 'notConfigured', message: expect.stringContaining('/nowhere/provider.mjs') });
  });

  test.each([
    ['is never loaded', 'await new Promise(() => {}); export default 1'],
    ['never makes its provider', 'export default () => new Promise(() => {})'],
  ])('%s', async (_, source) => {
    const { provider, clock } = make(written(source));
    const error = failure(provider);
    await clock.advance(10_000);
    expect(await error).toMatchObject({ kind: 'notConfigured', message: expect.stringContaining('10 seconds') });
  });

  test('throws while it makes its provider: the place is told, not the words', async () => {
    const source = 'export default (entry, { apiKey }) => {\n  throw new RangeError(apiKey());\n};';
    const error = await failure(make(written(source)).provider);
    expect(error.kind).toBe('server');
    expect(error.message).toMatch(/failed: RangeError at .*provider\.mjs:2:\d+/);
    expect(error.message).not.toContain('key-1');
  });

  test('is loaded anew once it was mended', async () => {
    const file = written('export default 1');
    await failure(make(file).provider);
    writeFileSync(file, `export default () => ({ apiVersion: 1, ${works} })`);
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    const provider = await make(file).provider;
    expect((await provider.chat(question, never)).message.content).toBe('yes');
  });
});

describe('a module that works', () => {
  test('may be named by a file: URL, and is told everything but the key as the settings hold it', async () => {
    const source = `export default async (entry, tools) => ({
      apiVersion: 1,
      chat: () => ({ message: { content: JSON.stringify([entry, tools.apiKey(), typeof tools.fetch]) } }),
    })`;
    const module = pathToFileURL(written(source)).href;
    const provider = await make(module, { model: 'm', apiKey: 'plain', requestOptions: { a: 1 } }).provider;
    const { message, model, finishReason } = await provider.chat(question, never);
    expect(JSON.parse(message.content)).toEqual([
      { id: 'mine', kind: 'module', module, model: 'm', requestOptions: { a: 1 } },
      'key-1',
      'function',
    ]);
    expect({ model, finishReason }).toEqual({ model: 'm', finishReason: 'stop' });
  });

  test('of one form of a call is given the other', async () => {
    const provider = await withMembers(`
      async *streamChat() { yield { delta: 'a' }; yield { delta: 'b', finish: { reason: 'length', model: 'x' } }; },
      completeCode: () => ({ candidates: [{ text: 'c' }, { text: 'd', score: 0.5 }], note: 'as it was told' }),
    `);
    expect(await provider.chat(question, never)).toMatchObject({
      message: { content: 'ab' },
      finishReason: 'length',
      model: 'x',
    });
    expect(await provider.completeCode(completion, never)).toMatchObject({
      candidates: [{ text: 'c' }, { text: 'd', score: 0.5 }],
      note: 'as it was told',
    });
    const parts: string[] = [];
    for await (const { delta } of provider.streamCode?.(completion, never) ?? []) parts.push(delta);
    expect(parts.join('')).toBe('c');
    expect(provider.capabilities).toEqual({
      streaming: true,
      codeCompletion: true,
      fim: false,
      chat: true,
      embeddings: false,
      tokenCounting: false,
      contextWindow: null,
    });
    expect(provider.local).toBe(false);
  });

  test('has every other call too', async () => {
    const provider = await withMembers(`
      local: true, model: 'own',
      embed: ({ input }) => ({ vectors: input.map(() => [1, 2]) }),
      countTokens: (text) => ({ tokens: text.length, exact: true }),
      listModels: () => [{ id: 'own', contextWindow: 9 }, { id: 'other' }],
      checkHealth: () => ({ state: 'degraded', message: 'slow today' }),
    `);
    expect(provider.local).toBe(true);
    expect(await provider.embed?.({ input: ['a', 'b'] }, never)).toEqual({
      vectors: [
        [1, 2],
        [1, 2],
      ],
      dimensions: 2,
      model: 'own',
    });
    expect(await provider.countTokens?.('four', never)).toEqual({ tokens: 4, exact: true });
    expect(await provider.listModels?.(never)).toEqual([{ id: 'own', contextWindow: 9 }, { id: 'other' }]);
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'degraded', message: 'slow today' });
    expect((await failure(provider.chat(question, never))).kind).toBe('unsupported');
    expect((await failure(provider.completeCode(completion, never))).kind).toBe('unsupported');
  });

  test('is ended, but not waited for longer than two seconds', async () => {
    const source = `export default () => ({ apiVersion: 1, ${works}, dispose: () => new Promise(() => {}) })`;
    const { provider, clock } = make(written(source));
    const ended = (await provider).dispose?.();
    await clock.advance(2000);
    await ended;
  });
});

describe('a module that fails', () => {
  const chatError = async (members: string): Promise<AiError> => {
    const provider = await withMembers(members);
    return failure(provider.chat(question, never));
  };

  test('says so by a kind, with what belongs to it', async () => {
    const said = "{ kind: 'rateLimited', status: 429, retryAfter: 1500 }";
    const error = await chatError(`chat() { throw Object.assign(new Error('Too\\noften.'), ${said}); }`);
    expect(error).toMatchObject({ kind: 'rateLimited', status: 429, retryAfter: 1500, message: 'Too often.' });
  });

  test.each([
    ['by a bug', 'chat({ messages }) { throw new TypeError(messages[0].content); }', 'server', /TypeError at .*mjs:1:/],
    ['by something that is no error', 'chat() { throw "no"; }', 'server', /a thrown string/],
    ['by a kind that is none', "chat() { throw Object.assign(new Error(), { kind: 'x' }); }", 'server', /Error at/],
    [
      'as if it had been cancelled',
      "chat() { throw Object.assign(new Error(), { kind: 'cancelled' }); }",
      'server',
      /./,
    ],
    [
      'by the network',
      "chat() { throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }); }",
      'network',
      /ECONNREFUSED/,
    ],
    ['by a time limit of its own', "chat() { throw new DOMException('', 'TimeoutError'); }", 'timeout', /TimeoutError/],
    ['by answering nothing', 'chat() {}', 'server', /message\.content is no text/],
    ['by an unknown reason', "chat: () => ({ message: { content: '' }, finishReason: 'x' })", 'server', /finishReason/],
    ['by streaming nothing', 'streamChat() {}', 'server', /can be iterated/],
    ['by a part without text', 'async *streamChat() { yield {}; }', 'server', /delta is no text/],
    ['by an unknown end', "async *streamChat() { yield { delta: '', finish: { reason: 1 } }; }", 'server', /reason/],
    ['by an end that does not come', "async *streamChat() { yield { delta: 'x' }; }", 'network', /ended early/],
    [
      'by an answer without end',
      "async *streamChat() { for (;;) yield { delta: 'x'.repeat(100_000) }; }",
      'server',
      /larger than 8 MB/,
    ],
    ['by parts without end', "async *streamChat() { for (;;) yield { delta: '' }; }", 'server', /given up/],
  ])('%s', async (_, members, kind, message) => {
    const error = await chatError(members);
    expect(error).toMatchObject({ kind, provider: 'mine' });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('the-users-words');
  });

  test.each([
    ['completeCode: () => ({ candidates: "x" })', /candidates is no list/],
    ['completeCode: () => ({ candidates: [{}] })', /text of a candidate is no text/],
  ])('by a wrong completion: %s', async (members, message) => {
    const provider = await withMembers(members);
    expect((await failure(provider.completeCode(completion, never))).message).toMatch(message);
  });

  test('by wrong embeddings, counts, lists and health', async () => {
    const provider = await withMembers(`
      embed: ({ input }) => ({ vectors: input.length === 1 ? [] : [['x'], ['y']] }),
      countTokens: () => 5, listModels: () => ({}), checkHealth: () => 'fine',
    `);
    const { embed, countTokens, listModels, checkHealth } = provider;
    const nothing = Promise.resolve();
    expect((await failure(embed?.({ input: ['a'] }, never) ?? nothing)).message).toContain('0 vectors for 1 texts');
    expect((await failure(embed?.({ input: ['a', 'b'] }, never) ?? nothing)).message).toContain('no number');
    expect((await failure(countTokens?.('a', never) ?? nothing)).message).toContain('tokens');
    expect((await failure(listModels?.(never) ?? nothing)).message).toContain('list of models');
    expect((await failure(checkHealth?.(never) ?? nothing)).message).toContain('state');
    expect(provider.lastHealth?.().state).toBe('degraded');
  });
});

describe('a module that does not end', () => {
  const deaf = `
    chat: () => new Promise(() => {}),
    streamChat: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => new Promise(() => {}) }) }),
    async *streamCode() { yield { delta: 'x' }; await new Promise(() => {}); },
  `;

  test('and hears no abort is cancelled all the same', async () => {
    const provider = await withMembers(deaf);
    const abort = new AbortController();
    const calls = [
      provider.chat(question, abort.signal),
      provider.streamChat(question, abort.signal)[Symbol.asyncIterator]().next(),
      provider.completeCode(completion, abort.signal),
    ].map(failure);
    await new Promise(setImmediate);
    abort.abort();
    for (const call of calls) expect((await call).kind).toBe('cancelled');
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
  });

  test('is left by break without waiting for it', async () => {
    const provider = await withMembers(deaf);
    for await (const { delta } of provider.streamCode?.(completion, never) ?? []) {
      expect(delta).toBe('x');
      break;
    }
  });

  test('is told by its signal that its stream was left', async () => {
    const left = new Promise<void>((resolve) => Object.assign(globalThis, { streamWasLeft: resolve }));
    const provider = await withMembers(`
      async *streamChat(_, signal) {
        signal.addEventListener('abort', () => globalThis.streamWasLeft());
        yield { delta: 'x' };
      },
    `);
    for await (const _ of provider.streamChat(question, never)) break;
    await left;
    Reflect.deleteProperty(globalThis, 'streamWasLeft');
  });

  test('and rejects after it was given up disturbs nobody', async () => {
    const provider = await withMembers(`
      chat: (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => setImmediate(reject, new Error('late')))),
    `);
    const abort = new AbortController();
    const call = failure(provider.chat(question, abort.signal));
    await new Promise(setImmediate);
    abort.abort();
    expect((await call).kind).toBe('cancelled');
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  });

  test('is not asked at all when the call was cancelled before', async () => {
    const provider = await withMembers("chat() { throw new Error('asked'); }");
    expect((await failure(provider.chat(question, AbortSignal.abort()))).kind).toBe('cancelled');
  });
});
