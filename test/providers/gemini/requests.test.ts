/** What goes over Gemini's wire, to the byte: method, path, headers and body of every call. */
import { describe, expect, test, vi } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { contextAt } from '../../support/code-context.ts';
import { geminiEmbeddings, geminiModel, geminiModels, geminiText } from '../../support/fake-gemini-wire.ts';
import type { FakeRequest } from '../../support/fake-provider.ts';
import { inTurn, json } from '../../support/fake-responders.ts';
import { never, startGemini } from './setup.ts';

/** The request as a fixture: what changes from run to run is named instead. */
function recorded(what: string, request: FakeRequest | undefined): string {
  if (request === undefined) throw new Error('Nothing was sent.');
  const headers = Object.entries(request.headers)
    .map(([name, value]) => `${name}: ${name === 'host' ? 'HOST' : value}`)
    .filter((line) => !line.startsWith('content-length'))
    .sort();
  const body = request.text === '' ? '' : `\n\n${JSON.stringify(JSON.parse(request.text), null, 2)}`;
  return `# ${what}\n${request.method} ${request.path}\n${headers.join('\n')}${body}\n`;
}

const fixture = (name: string) => `../../fixtures/requests/gemini-${name}.http`;

const question = chatRequest(
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Why?' },
    { role: 'assistant', content: 'Why not?' },
    { role: 'user', content: 'Because.' },
  ],
  { maxTokens: 100, temperature: 0.2 },
);
const context = contextAt('export function add(a: number, b: number) {\n  return █\n}\n');

test('streamed chat', async () => {
  const { fake, provider } = await startGemini(geminiText('x'), {
    headers: { 'X-Team': 'a' },
    safetySettings: [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', threshold: 'BLOCK_ONLY_HIGH' }],
    reasoningEffort: 'high',
    requestOptions: { generationConfig: { topP: 0.9 }, cachedContent: 'cachedContents/1' },
  });
  for await (const _ of provider.streamChat(question, never));
  const what = 'A streamed chat, with everything the settings can add. The key is in a header.';
  await expect(recorded(what, fake.requests[0])).toMatchFileSnapshot(fixture('chat-stream'));
});

test('chat in one piece', async () => {
  const { fake, provider } = await startGemini(geminiText('x'));
  await provider.chat(question, never);
  const what = 'A chat in one piece, with nothing in the settings: the model thinks as long as it does by itself.';
  await expect(recorded(what, fake.requests[0])).toMatchFileSnapshot(fixture('chat'));
});

test('completion', async () => {
  const { fake, provider } = await startGemini(geminiText('x'));
  await provider.completeCode(completionRequest({ context, temperature: 0.1 }), never);
  const what = 'A completion: the file with its hole, what precedes it first; thinking off, the closing tag as stop.';
  await expect(recorded(what, fake.requests[0])).toMatchFileSnapshot(fixture('completion'));
});

test('two completions in one file begin alike, for the vendor to cache', async () => {
  const { fake, provider } = await startGemini(geminiText('x'));
  await provider.completeCode(completionRequest({ context }), never);
  await provider.completeCode(completionRequest({ context: contextAt('other();\n█') }), never);
  const [first, second] = fake.requests.map(({ body }) => body);
  expect(first?.['systemInstruction']).toEqual(second?.['systemInstruction']);
  const examples = fake.requests.map(({ body }) => JSON.stringify(body['contents']).split('path: src/a.ts')[0]);
  expect(examples[0]).toBe(examples[1]);
});

describe('thinking', () => {
  const configOf = (request: FakeRequest | undefined) => request?.body['generationConfig'];

  test.each([
    ['gemini-3.5-flash-lite', { thinkingLevel: 'minimal' }, 100],
    ['gemini-3.6-flash', { thinkingLevel: 'minimal' }, 100],
    ['gemini-3.7-flash', { thinkingLevel: 'low' }, 2148],
    ['gemini-flash-latest', { thinkingLevel: 'low' }, 2148],
    ['gemini-4-argon', { thinkingLevel: 'low' }, 2148],
    ['models/gemini-2.5-flash', { thinkingBudget: 0 }, 100],
    ['gemini-2.5-pro', { thinkingBudget: 128 }, 2148],
    ['gemini-2.0-flash', undefined, 100],
    ['gemma-4', undefined, 100],
  ])('of %s is as little as it can be for a completion', async (model, thinkingConfig, maxOutputTokens) => {
    const { fake, provider } = await startGemini(geminiText('x'), { model });
    await provider.completeCode(completionRequest({ context, maxTokens: 100 }), never);
    expect(configOf(fake.requests[0])).toEqual({
      maxOutputTokens,
      stopSequences: ['</COMPLETION>'],
      ...(thinkingConfig && { thinkingConfig }),
    });
    expect(fake.requests[0]?.path).toMatch(/^\/v1beta\/models\/gem[a-z]+-[^/]+:streamGenerateContent\?alt=sse$/);
  });

  test.each([
    ['gemini-3.8-flash', 'high', { thinkingLevel: 'high' }],
    ['gemini-3.8-flash', 'none', { thinkingLevel: 'low' }],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
    ['gemini-2.5-flash', 'medium', { thinkingBudget: 8192 }],
  ])('of %s in a chat is what the settings say: %s', async (model, reasoningEffort, thinkingConfig) => {
    const { fake, provider } = await startGemini(geminiText('x'), { model, reasoningEffort });
    await provider.chat(chatRequest(question.messages), never);
    expect(configOf(fake.requests[0])).toEqual({ thinkingConfig });
  });
});

test.each([
  [50, 100, 50],
  [100, 50, 50],
  [100, undefined, 100],
  [undefined, undefined, undefined],
])('the entry allows %s tokens, the chat %s: %s', async (maxTokens, asked, maxOutputTokens) => {
  const { fake, provider } = await startGemini(geminiText('x'), maxTokens === undefined ? {} : { maxTokens });
  await provider.chat(chatRequest(question.messages, asked === undefined ? {} : { maxTokens: asked }), never);
  const limit = maxOutputTokens === undefined ? {} : { maxOutputTokens };
  expect(fake.requests[0]?.body['generationConfig']).toEqual(limit);
});

test('embeddings, counts and models', async () => {
  const vectors = [
    [1, 2],
    [3, 4],
  ];
  const { fake, provider } = await startGemini(
    inTurn(
      json(geminiEmbeddings(vectors)),
      json({ totalTokens: 3 }),
      json(geminiModels([geminiModel('gemini-a', ['generateContent', 'countTokens'])], 'next')),
      json(geminiModels([geminiModel('gemini-embedding-001', ['embedContent'], 2048)])),
    ),
  );
  expect(await provider.embed?.({ input: ['a', 'b'] }, never)).toEqual({
    vectors,
    model: 'gemini-embedding-001',
    dimensions: 2,
  });
  expect(await provider.countTokens?.('text', never)).toEqual({ tokens: 3, exact: true });
  const can = { streaming: false, chat: false, codeCompletion: false, embeddings: false, tokenCounting: false };
  expect(await provider.listModels?.(never)).toEqual([
    {
      id: 'gemini-a',
      contextWindow: 1_048_576,
      capabilities: { ...can, streaming: true, chat: true, codeCompletion: true, tokenCounting: true },
    },
    { id: 'gemini-embedding-001', contextWindow: 2048, capabilities: { ...can, embeddings: true } },
  ]);
  const what = ['Two texts to embed.', 'Tokens to count.', 'The list of models.', 'Its second page.'];
  await expect(what.map((one, index) => recorded(one, fake.requests[index])).join('\n')).toMatchFileSnapshot(
    fixture('embeddings-counts-and-models'),
  );
});

test.each(['gemini-embedding-001', 'gemini-embedding-2'])(
  'texts for %s stay apart, a hundred in a request',
  async (model) => {
    const { fake, provider } = await startGemini((exchange) => {
      const { requests } = exchange.request.body as { requests: object[] };
      return json(geminiEmbeddings(requests.map(() => [1])))(exchange);
    });
    const input = Array.from({ length: 101 }, (_, index) => `text ${index}`);
    expect((await provider.embed?.({ input, model }, never))?.vectors).toHaveLength(101);
    const counts = fake.requests.map(({ body }) => (body['requests'] as object[]).length);
    expect(counts).toEqual([100, 1]);
  },
);

test('nothing of the environment changes where and how it asks', async () => {
  vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true');
  vi.stubEnv('GOOGLE_GENAI_USE_ENTERPRISE', 'true');
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', 'http://127.0.0.1:1');
  vi.stubEnv('GOOGLE_VERTEX_BASE_URL', 'http://127.0.0.1:1');
  vi.stubEnv('GOOGLE_GENAI_API_VERSION', 'v9');
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'project');
  vi.stubEnv('GOOGLE_CLOUD_LOCATION', 'moon');
  vi.stubEnv('GEMINI_API_KEY', 'stray-1');
  vi.stubEnv('GOOGLE_API_KEY', 'stray-2');
  try {
    const { fake, provider } = await startGemini(geminiText('x'));
    await provider.chat(question, never);
    expect(fake.requests[0]?.path).toBe('/v1beta/models/gemini-3.5-flash-lite:generateContent');
    expect(fake.requests[0]?.headers['x-goog-api-key']).toBe('AIza-1');
    expect(JSON.stringify(fake.requests[0])).not.toMatch(/stray|project|moon/);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('an answer at its limit is not continued by requests nobody asked for', async () => {
  const { fake, provider } = await startGemini(geminiText('x', { finishReason: 'CONTINUATION' }));
  expect((await provider.chat(question, never)).finishReason).toBe('length');
  for await (const _ of provider.streamChat(question, never));
  expect(fake.requests).toHaveLength(2);
});
