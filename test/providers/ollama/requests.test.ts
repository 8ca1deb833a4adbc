/** What goes over Ollama's wire, to the byte, and how a model is asked to complete, with the reason. */
import { describe, expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { FimForm } from '../../../src/domain/provider-entry.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import {
  ollamaEmbeddings,
  ollamaError,
  ollamaLoaded,
  ollamaModels,
  ollamaText,
} from '../../support/fake-ollama-wire.ts';
import type { FakeResponder } from '../../support/fake-provider.ts';
import { inTurn } from '../../support/fake-responders.ts';
import { recordedRequest } from '../../support/recorded-request.ts';
import { never, type OllamaSetup, startOllama } from './setup.ts';

const context = contextAt('export function add(a: number, b: number) {\n  return █\n}\n');
const question = chatRequest(
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Why?' },
  ],
  { maxTokens: 100, temperature: 0.2 },
);
const keepAlive = '30m';

function fixture(name: string): string {
  return `../../fixtures/requests/ollama-${name}.http`;
}

describe('what is sent', () => {
  test('a completion by the suffix of the template, and what loaded the model before', async () => {
    const respond = inTurn(ollamaLoaded, ollamaText('a + b'));
    const { fake, provider } = await startOllama({ respond, entry: { keepAlive, fim: 'suffix' }, recordLoads: true });
    await provider.completeCode(completionRequest({ context, temperature: 0.1 }), never);
    const [load, completion] = fake.requests;
    const first = recordedRequest('The model is loaded by a request of its own.', load);
    const second = recordedRequest('Then it completes: prompt, suffix, and the same time to stay.', completion);
    await expect(`${first}\n${second}`).toMatchFileSnapshot(fixture('completion-suffix'));
  });

  test('a completion of one line by the tokens of a family', async () => {
    const entry = { keepAlive, contextWindow: 8192, requestOptions: { options: { num_gpu: 7 }, truncate: false } };
    const { fake, provider } = await startOllama({ respond: ollamaText('a'), entry: { ...entry, fim: 'qwen' } });
    const extension = { options: { seed: 1 } };
    await provider.completeCode(completionRequest({ context, shape: 'line', extension }), never);
    const what =
      'A completion of one line by tokens, raw. Options of the settings and the request are merged one by one.';
    await expect(recordedRequest(what, fake.requests[0])).toMatchFileSnapshot(fixture('completion-qwen'));
  });

  test('a completion by a model that is asked to fill a hole', async () => {
    const { fake, provider } = await startOllama({ respond: ollamaText('a'), entry: { fim: 'none', maxTokens: 64 } });
    await provider.completeCode(completionRequest({ context }), never);
    const { messages, ...rest } = fake.requests[0]?.body ?? {};
    expect(messages).toHaveLength(8);
    expect(fake.requests[0]?.path).toBe('/api/chat');
    expect(rest).toEqual({
      model: 'mystery:1b',
      think: false,
      options: { num_predict: 64, stop: ['</COMPLETION>'] },
      stream: true,
    });
  });

  test('a chat, with a key only where the entry names one', async () => {
    const { fake, provider } = await startOllama({ respond: ollamaText('x'), entry: { keepAlive } });
    await provider.chat(question, never);
    await expect(
      recordedRequest('A chat: no key, and nothing said of thinking.', fake.requests[0]),
    ).toMatchFileSnapshot(fixture('chat'));
    expect(fake.requests[0]?.headers.authorization).toBeUndefined();
    const named = await startOllama({ respond: ollamaText('x'), key: 'key-1', entry: { headers: { 'X-Team': 'a' } } });
    await named.provider.chat(question, never);
    expect(named.fake.requests[0]?.headers).toMatchObject({ authorization: 'Bearer key-1', 'x-team': 'a' });
  });

  test.each([
    ['none', false],
    ['high', 'high'],
  ])('a reasoning effort of %s', async (reasoningEffort, think) => {
    const { fake, provider } = await startOllama({ respond: ollamaText('x'), entry: { reasoningEffort } });
    await provider.chat(question, never);
    expect(fake.requests[0]?.body['think']).toBe(think);
  });

  test.each([
    ['-1', -1],
    ['600', 600],
    ['1h30m', '1h30m'],
  ])('keepAlive %s', async (setting, sent) => {
    const { fake, provider } = await startOllama({ respond: ollamaText('x'), entry: { keepAlive: setting } });
    await provider.chat(question, never);
    expect(fake.requests[0]?.body['keep_alive']).toBe(sent);
  });

  test('an empty rest of the file is no empty suffix, which would be none', async () => {
    const { fake, provider } = await startOllama({ respond: ollamaText('x') });
    await provider.completeCode(completionRequest({ context: contextAt('a = █') }), never);
    expect(fake.requests[0]?.body['suffix']).toBe('\n');
  });

  test('embeddings and the list of models, at an address that was copied with its /v1', async () => {
    const { fake, provider } = await startOllama({
      respond: ollamaEmbeddings([
        [1, 2],
        [3, 4],
      ]),
    });
    expect(await provider.embed?.({ input: ['a', 'b'] }, never)).toEqual({
      vectors: [
        [1, 2],
        [3, 4],
      ],
      model: 'fake-coder:1b',
      dimensions: 2,
      usage: { inputTokens: 2, outputTokens: 0 },
    });
    expect(fake.requests[0]).toMatchObject({ path: '/api/embed', body: { model: 'mystery:1b', input: ['a', 'b'] } });
    fake.respond(ollamaModels('one:1b', 'two:latest'));
    expect(await provider.listModels?.(never)).toEqual([{ id: 'one:1b' }, { id: 'two:latest' }]);
    const other = await startOllama({ respond: ollamaModels('a'), entry: { baseUrl: fake.url } });
    await other.provider.listModels?.(never);
    expect(fake.requests.at(-1)?.path).toBe('/api/tags');
  });

  test('tokens are estimated, and said to be', async () => {
    const { fake, provider } = await startOllama();
    expect(await provider.countTokens?.('seven b', never)).toEqual({ tokens: 2, exact: false });
    expect(fake.requests).toEqual([]);
  });
});

describe('how a model is asked to complete, and why', () => {
  const forms: readonly [string, OllamaSetup, string, RegExp][] = [
    ['the server says it inserts', {}, '/api/generate', /^fim: suffix: the model's template takes one$/],
    [
      'an older server shows the template',
      { card: { template: '<PRE> {{ .Prompt }} <SUF>{{ .Suffix }} <MID>' } },
      '/api/generate',
      /^fim: suffix: the model's template takes one$/,
    ],
    [
      'the name tells the family',
      { card: { capabilities: ['completion'] }, entry: { model: 'hf.co/someone/Qwen3-Coder-30B-GGUF:Q4_K_M' } },
      '/api/generate',
      /^fim: qwen tokens: .*takes no suffix, and the name tells/,
    ],
    [
      'the model file tells the family',
      { card: { capabilities: ['completion'], basename: 'Qwen2.5 Coder' }, entry: { model: 'mine' } },
      '/api/generate',
      /^fim: qwen tokens/,
    ],
    [
      'nothing tells the family',
      { card: { capabilities: ['completion'] } },
      '/api/chat',
      /^hole filler: .*no family with tokens/,
    ],
    [
      'the settings name a family',
      { entry: { fim: 'starcoder' } },
      '/api/generate',
      /^fim: starcoder tokens: the settings/,
    ],
    ['the settings say none', { entry: { fim: 'none' } }, '/api/chat', /^hole filler: the settings say so$/],
  ];
  test.each(forms)('%s', async (_, setup, path, note) => {
    const { fake, provider } = await startOllama({ ...setup, respond: ollamaText('x') });
    const answer = await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests[0]?.path).toBe(path);
    expect(answer.note).toMatch(note);
    expect(provider.capabilities.fim).toBe(path === '/api/generate');
  });

  test('the model is described once, also when the request that asked was given up', async () => {
    let shown = () => {};
    const asked = new Promise<void>((resolve) => {
      shown = resolve;
    });
    const respond: FakeResponder = async (exchange) => {
      if (exchange.request.path !== '/api/show') return ollamaText('x')(exchange);
      await asked;
      await exchange.write('{"capabilities":["insert"]}');
      await exchange.close();
    };
    const { fake, provider } = await startOllama({ respond, card: 'recorded' });
    const abort = new AbortController();
    const given = failure(provider.completeCode(completionRequest({ context }), abort.signal));
    const show = await fake.nextRequest();
    abort.abort();
    shown();
    await given;
    await provider.completeCode(completionRequest({ context }), never);
    await provider.completeCode(completionRequest({ context }), never);
    expect(show.path).toBe('/api/show');
    expect(fake.requests.filter(({ path }) => path === '/api/show')).toHaveLength(1);
  });

  const noInsert = ollamaError(400, 'registry.ollama.ai/library/mystery:1b does not support insert');
  const refusesSuffix: FakeResponder = (exchange) =>
    'suffix' in exchange.request.body ? noInsert(exchange) : ollamaText('x')(exchange);

  test('a server that refuses the suffix after all is asked otherwise from then on', async () => {
    const { fake, provider } = await startOllama({ respond: refusesSuffix });
    expect((await provider.completeCode(completionRequest({ context }), never)).note).toMatch(/^hole filler/);
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests.map(({ path }) => path)).toEqual(['/api/generate', '/api/chat', '/api/chat']);
  });

  test('a form the user chose is not second-guessed', async () => {
    const fim: FimForm = 'suffix';
    const { provider } = await startOllama({ respond: refusesSuffix, entry: { fim } });
    const error = await failure(provider.completeCode(completionRequest({ context }), never));
    expect(error).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('takes no suffix') });
  });

  test('thoughts and a fence are no code', async () => {
    const { provider } = await startOllama({
      respond: ollamaText('<COMPLETION>a + b</COMPLETION> as asked'),
      entry: { fim: 'none' },
    });
    expect((await provider.completeCode(completionRequest({ context }), never)).candidates).toEqual([
      { text: 'a + b' },
    ]);
  });
});
