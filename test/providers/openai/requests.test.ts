/** What goes over the wire, to the byte: method, path, headers and body of every call. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AiProvider } from '../../../src/domain/ai-provider.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createOpenAiCompatibleProvider, createOpenAiProvider } from '../../../src/providers/openai/openai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { type FakeProvider, type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { embeddings, json, models, streamText } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';
import { recordedRequest } from '../../support/recorded-request.ts';

const never = new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function start(
  create: typeof createOpenAiProvider,
  entry: Partial<ProviderEntry>,
  respond: FakeResponder,
  key?: string,
): Promise<{ fake: FakeProvider; provider: AiProvider }> {
  const fake = await startFakeProvider({ respond });
  const transport = createHttpTransport({ environment: () => undefined });
  closing.push(
    () => transport.dispose(),
    () => fake.close(),
  );
  const whole: ProviderEntry = { id: 'p', kind: 'openai', model: 'gpt-6-luna', baseUrl: fake.url, ...entry };
  return { fake, provider: create(whole, { ...providerDependencies(key), transport }) };
}

function fixture(name: string): string {
  return `../../fixtures/requests/${name}.http`;
}

const context = contextAt('export function add(a: number, b: number) {\n  return █\n}\n');
const question = chatRequest(
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Why?' },
  ],
  { maxTokens: 100, temperature: 0.2 },
);

describe('openai', () => {
  const settings = { organization: 'org-1', project: 'proj-1', headers: { 'X-Team': 'a' } };

  test('streamed chat', async () => {
    const { fake, provider } = await start(createOpenAiProvider, settings, streamText('x'), 'sk-1');
    for await (const _ of provider.streamChat(question, never));
    await expect(
      recordedRequest('A streamed chat, with every header the settings can add.', fake.requests[0]),
    ).toMatchFileSnapshot(fixture('openai-chat-stream'));
  });

  test('chat in one piece, thinking set and switched off by the settings', async () => {
    const entry = { reasoningEffort: 'none', requestOptions: { service_tier: 'flex' } };
    const { fake, provider } = await start(createOpenAiProvider, entry, streamText('x'), 'sk-1');
    await provider.chat(question, never);
    await expect(
      recordedRequest(
        'A chat in one piece by a model that is told not to think, which is why it takes a temperature.',
        fake.requests[0],
      ),
    ).toMatchFileSnapshot(fixture('openai-chat'));
  });

  test('completion by a model that can be told not to think', async () => {
    const { fake, provider } = await start(createOpenAiProvider, {}, streamText('x'), 'sk-1');
    await provider.completeCode(completionRequest({ context, temperature: 0.1 }), never);
    await expect(
      recordedRequest(
        'A completion by a model that only chats: the hole-filler prompt, thinking off, the closing tag as stop.',
        fake.requests[0],
      ),
    ).toMatchFileSnapshot(fixture('openai-completion'));
  });

  test('completion by a model that always thinks: room for thoughts, no stop, no temperature', async () => {
    const { fake, provider } = await start(createOpenAiProvider, { model: 'gpt-6-astra' }, streamText('x'), 'sk-1');
    await provider.completeCode(completionRequest({ context, temperature: 0.1, maxTokens: 100 }), never);
    const { messages: _, ...body } = fake.requests[0]?.body ?? {};
    expect(body).toEqual({
      model: 'gpt-6-astra',
      max_completion_tokens: 2148,
      reasoning_effort: 'low',
      store: false,
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    });
  });

  test('embeddings and the list of models', async () => {
    const { fake, provider } = await start(
      createOpenAiProvider,
      {},
      embeddings([
        [1, 2],
        [3, 4],
      ]),
      'sk-1',
    );
    expect(await provider.embed?.({ input: ['a', 'b'] }, never)).toMatchObject({
      vectors: [
        [1, 2],
        [3, 4],
      ],
      dimensions: 2,
      usage: { inputTokens: 2 },
    });
    fake.respond(models('gpt-6-luna', 'other'));
    expect(await provider.listModels?.(never)).toEqual([
      { id: 'gpt-6-luna', contextWindow: 1_050_000 },
      { id: 'other' },
    ]);
    const [embedding, list] = fake.requests;
    await expect(
      `${recordedRequest('Embeddings are asked for as numbers.', embedding)}\n${recordedRequest('The list of models.', list)}`,
    ).toMatchFileSnapshot(fixture('openai-embeddings-and-models'));
  });
});

test('tokens are counted by OpenAI and estimated elsewhere', async () => {
  const counting = await start(
    createOpenAiProvider,
    {},
    json({ object: 'response.input_tokens', input_tokens: 11 }),
    'sk-1',
  );
  expect(await counting.provider.countTokens?.('twelve bytes', never)).toEqual({ tokens: 11, exact: true });
  expect(counting.fake.requests[0]).toMatchObject({
    path: '/v1/responses/input_tokens',
    body: { model: 'gpt-6-luna', input: 'twelve bytes' },
  });
  const other = await start(createOpenAiCompatibleProvider, { model: 'm' }, streamText('x'));
  expect(await other.provider.countTokens?.('seven b', never)).toEqual({ tokens: 2, exact: false });
  expect(other.fake.requests).toEqual([]);
});

describe('openai-compatible', () => {
  const entry = { kind: 'openai-compatible', model: 'qwen2.5-coder' };

  test('without a key there is no authorization header', async () => {
    const { fake, provider } = await start(createOpenAiCompatibleProvider, entry, streamText('x'));
    await provider.chat(question, never);
    await expect(
      recordedRequest(
        'A chat without a key: no authorization header, and max_tokens, which older servers know.',
        fake.requests[0],
      ),
    ).toMatchFileSnapshot(fixture('compatible-chat'));
    expect(fake.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('completion by the tokens of the model, found by its name', async () => {
    const { fake, provider } = await start(createOpenAiCompatibleProvider, entry, streamText('x'), 'k');
    await provider.completeCode(completionRequest({ context }), never);
    await expect(
      recordedRequest('A completion by the special tokens of the Qwen family on the raw endpoint.', fake.requests[0]),
    ).toMatchFileSnapshot(fixture('compatible-completion-qwen'));
  });

  test('completion by the suffix field, of one line', async () => {
    const suffix = { ...entry, fim: 'suffix' as const, model: 'm', requestOptions: { seed: 1 } };
    const { fake, provider } = await start(createOpenAiCompatibleProvider, suffix, streamText('x'), 'k');
    await provider.completeCode(completionRequest({ context, shape: 'line', extension: { top_p: 0.5 } }), never);
    await expect(
      recordedRequest(
        'A completion of one line by the suffix field; fields of the settings and the request come last.',
        fake.requests[0],
      ),
    ).toMatchFileSnapshot(fixture('compatible-completion-suffix'));
  });

  test('a path in the address, and a slash at its end', async () => {
    const fake = await startFakeProvider({ respond: streamText('x') });
    const transport = createHttpTransport({ environment: () => undefined });
    closing.push(
      () => transport.dispose(),
      () => fake.close(),
    );
    const baseUrl = `${fake.origin}/gateway/openai/v1/`;
    const provider = createOpenAiCompatibleProvider(
      { id: 'p', kind: 'openai-compatible', model: 'codellama', baseUrl },
      { ...providerDependencies(), transport },
    );
    await provider.chat(question, never);
    await provider.completeCode(completionRequest({ context }), never);
    expect(fake.requests.map(({ path }) => path)).toEqual([
      '/gateway/openai/v1/chat/completions',
      '/gateway/openai/v1/completions',
    ]);
  });
});

test('no environment variable redirects, adds a header, or makes the SDK talk', async () => {
  const elsewhere = await startFakeProvider({ respond: streamText('stolen') });
  const before = { ...process.env };
  Object.assign(process.env, {
    OPENAI_BASE_URL: elsewhere.url,
    OPENAI_API_KEY: 'sk-environment',
    OPENAI_ADMIN_KEY: 'sk-admin',
    OPENAI_ORG_ID: 'org-environment',
    OPENAI_PROJECT_ID: 'proj-environment',
    OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer sk-custom\nX-Custom: 1',
    OPENAI_LOG: 'debug',
    HTTP_PROXY: elsewhere.origin,
    http_proxy: elsewhere.origin,
  });
  const written: unknown[] = [];
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...words) => void written.push(words)),
  );
  const writers = { out: process.stdout.write, error: process.stderr.write };
  process.stdout.write = process.stderr.write = (chunk: unknown) => written.push(chunk) > 0;
  try {
    const { fake, provider } = await start(createOpenAiProvider, {}, streamText('here'), 'sk-1');
    expect((await provider.chat(question, never)).message.content).toBe('here');
    for await (const _ of provider.streamChat(question, never));
    for (const { headers } of fake.requests) {
      expect(headers.authorization).toBe('Bearer sk-1');
      expect(Object.keys(headers).filter((name) => /custom|stainless|openai/.test(name))).toEqual([]);
    }
    expect(elsewhere.requests).toEqual([]);
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.stdout.write = writers.out;
    process.stderr.write = writers.error;
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    await elsewhere.close();
  }
  expect(written).toEqual([]);
});
