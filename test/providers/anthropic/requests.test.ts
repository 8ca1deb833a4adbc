/** What goes over Anthropic's wire, to the byte: method, path, headers and body of every call. */
import { describe, expect, test, vi } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { currentVersion } from '../../../src/providers/anthropic/options.ts';
import { contextAt } from '../../support/code-context.ts';
import { anthropicCount, anthropicModels, anthropicText } from '../../support/fake-anthropic-wire.ts';
import { type FakeRequest, startFakeProvider } from '../../support/fake-provider.ts';
import { startAnthropic } from './setup.ts';

const never = new AbortController().signal;

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

function fixture(name: string): string {
  return `../../fixtures/requests/${name}.http`;
}

const context = contextAt('export function add(a: number, b: number) {\n  return █\n}\n');
const question = chatRequest(
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Here is the code.' },
    { role: 'user', content: 'Why?' },
  ],
  { maxTokens: 100, temperature: 0.2 },
);

describe('messages', () => {
  test('streamed chat', async () => {
    const entry = { headers: { 'X-Team': 'a' }, reasoningEffort: 'medium' };
    const { fake, provider } = await startAnthropic(anthropicText('x'), entry);
    for await (const _ of provider.streamChat(question, never));
    await expect(
      recorded(
        'A streamed chat: the code before the question is marked for the cache, thoughts have room, no temperature.',
        fake.requests[0],
      ),
    ).toMatchFileSnapshot(fixture('anthropic-chat-stream'));
  });

  test('chat by the older version', async () => {
    const entry = {
      anthropicVersion: '2023-06-01',
      model: 'claude-haiku-4-5',
      requestOptions: { service_tier: 'auto' },
    };
    const { fake, provider } = await startAnthropic(anthropicText('x'), entry);
    await provider.chat(question, never);
    await expect(
      recorded(
        'A chat in one piece by the older API version: another key header, and a temperature.',
        fake.requests[0],
      ),
    ).toMatchFileSnapshot(fixture('anthropic-chat-older-version'));
  });

  test('a temperature is sent to none but the older version, and at most the 1 it takes', async () => {
    const model = 'claude-haiku-4-5';
    const current = await startAnthropic(anthropicText('x'), { model, temperature: 2 });
    await current.provider.chat(question, never);
    await current.provider.completeCode(completionRequest({ context }), never);
    expect(current.fake.requests.map(({ body }) => body['temperature'])).toEqual([undefined, undefined]);
    const older = await startAnthropic(anthropicText('x'), { model, temperature: 2, anthropicVersion: '2023-06-01' });
    await older.provider.completeCode(completionRequest({ context }), never);
    expect(older.fake.requests[0]?.body['temperature']).toBe(1);
  });

  test('completion', async () => {
    const { fake, provider } = await startAnthropic(anthropicText('x'));
    await provider.completeCode(completionRequest({ context, temperature: 0.1 }), never);
    await expect(
      recorded(
        'A completion: examples as real turns with the last one marked for the cache, thinking off, the closing tag as stop.',
        fake.requests[0],
      ),
    ).toMatchFileSnapshot(fixture('anthropic-completion'));
  });

  test('token counts and models', async () => {
    const { fake, provider } = await startAnthropic(anthropicCount(11));
    expect(await provider.countTokens?.('twelve bytes', never)).toEqual({ tokens: 11, exact: true });
    fake.respond(anthropicModels([{ id: 'claude-a' }]));
    await provider.listModels?.(never);
    const [count, list] = fake.requests;
    await expect(
      `${recorded('Tokens are counted by the server.', count)}\n${recorded('The list of models.', list)}`,
    ).toMatchFileSnapshot(fixture('anthropic-count-and-models'));
  });
});

describe('thinking is off or as low as the model allows', () => {
  const low = { output_config: { effort: 'low' } };
  test.each([
    ['claude-haiku-5-5', { thinking: { type: 'disabled' }, ...low, max_tokens: 100 }],
    ['claude-sonnet-5-5', { thinking: { type: 'between_tools' }, ...low, max_tokens: 100 }],
    ['claude-opus-5', { thinking: { type: 'disabled' }, ...low, max_tokens: 100 }],
    ['claude-opus-5-5', { ...low, max_tokens: 2148 }],
    ['claude-fable-5-2', { ...low, max_tokens: 2148 }],
    ['claude-opus-4-8', { max_tokens: 100 }],
    ['claude-haiku-4-5', { max_tokens: 100 }],
    ['claude-newer-9', { ...low, max_tokens: 2148 }],
  ])('%s', async (model, expected) => {
    const { fake, provider } = await startAnthropic(anthropicText('x'), { model });
    await provider.completeCode(completionRequest({ context, maxTokens: 100 }), never);
    const {
      model: sent,
      system: _,
      messages: __,
      stream: ___,
      stop_sequences: ____,
      ...rest
    } = fake.requests[0]?.body ?? {};
    expect(sent).toBe(model);
    expect(rest).toEqual(expected);
  });

  test('in a chat when the settings say so', async () => {
    const { fake, provider } = await startAnthropic(anthropicText('x'), { reasoningEffort: 'none' });
    await provider.chat(question, never);
    expect(fake.requests[0]?.body).toMatchObject({ thinking: { type: 'disabled' }, max_tokens: 100 });
  });
});

describe('the prompt cache', () => {
  const marked = { cache_control: { type: 'ephemeral' } };

  test('everything before the mark is the same for every completion', async () => {
    const { fake, provider } = await startAnthropic(anthropicText('x'));
    await provider.completeCode(completionRequest({ context }), never);
    const other = contextAt('print(█)', { languageId: 'python', path: 'b.py' });
    await provider.completeCode(completionRequest({ context: other, shape: 'line', maxTokens: 9 }), never);
    const stable = fake.requests.map(({ body }) => {
      const messages = body['messages'] as readonly object[];
      return JSON.stringify([body['system'], messages.slice(0, -1)]);
    });
    expect(stable[0]).toBe(stable[1]);
    expect(stable[0]?.split('cache_control')).toHaveLength(2);
  });

  test('the mark moves on with a conversation; blank messages, which the server refuses, are left out', async () => {
    const { fake, provider } = await startAnthropic(anthropicText('x'));
    const turns = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'Yes.' },
      { role: 'assistant', content: ' \n' },
      { role: 'user', content: 'Two?' },
    ] as const;
    await provider.chat(chatRequest([turns[0], turns[1]]), never);
    await provider.chat(chatRequest(turns), never);
    expect(fake.requests.map(({ body }) => [body['system'], body['messages']])).toEqual([
      [[{ type: 'text', text: 'Be brief.', ...marked }], [turns[1]]],
      [
        [{ type: 'text', text: 'Be brief.' }],
        [turns[1], { role: 'assistant', content: [{ type: 'text', text: 'Yes.', ...marked }] }, turns[4]],
      ],
    ]);
  });
});

test.each([
  [undefined, undefined, 8192],
  [100, undefined, 100],
  [undefined, 200, 200],
  [100, 200, 100],
  [300, 200, 200],
])('a chat may have the tighter of %s tokens asked for and %s of the entry', async (asked, own, expected) => {
  const entry = { model: 'claude-haiku-4-5', ...(own && { maxTokens: own }) };
  const { fake, provider } = await startAnthropic(anthropicText('x'), entry);
  await provider.chat(chatRequest([{ role: 'user', content: 'Why?' }], asked ? { maxTokens: asked } : {}), never);
  expect(fake.requests[0]?.body['max_tokens']).toBe(expected);
});

test('an address with or without /v1, and with a path of a gateway', async () => {
  const fake = await startFakeProvider({ respond: anthropicText('x') });
  for (const path of ['', '/', '/v1', '/v1/', '/gateway/anthropic']) {
    const { provider } = await startAnthropic(undefined, { baseUrl: `${fake.origin}${path}` });
    await provider.chat(question, never);
  }
  await fake.close();
  const paths = fake.requests.map(({ path }) => path);
  expect(paths).toEqual([...Array(4).fill('/v1/messages'), '/gateway/anthropic/v1/messages']);
});

test('the version is the one the SDK speaks', async () => {
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const versions: (string | null)[] = [];
  const sdk = new Anthropic({
    apiKey: 'x',
    baseURL: 'http://fake',
    fetch: (_, init) => {
      versions.push(new Headers(init?.headers).get('anthropic-version'));
      return Promise.resolve(Response.json({ data: [] }));
    },
  });
  await sdk.models.list();
  expect(versions).toEqual([currentVersion]);
});

test('no environment variable redirects, adds a header, or makes the SDK talk', async () => {
  const elsewhere = await startFakeProvider({ respond: anthropicText('stolen') });
  const before = { ...process.env };
  Object.assign(process.env, {
    ANTHROPIC_BASE_URL: elsewhere.origin,
    ANTHROPIC_API_KEY: 'sk-environment',
    ANTHROPIC_AUTH_TOKEN: 'token-environment',
    ANTHROPIC_PROFILE: 'missing',
    ANTHROPIC_CUSTOM_HEADERS: 'Authorization: Bearer sk-custom\nX-Custom: 1\nanthropic-version: 2020-01-01',
    ANTHROPIC_LOG: 'debug',
    ANTHROPIC_OPEN_TELEMETRY: 'true',
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
    // A model about which the SDK warns on the console.
    const { fake, provider } = await startAnthropic(anthropicText('here'), { model: 'claude-sonnet-4-5' });
    expect((await provider.chat(question, never)).message.content).toBe('here');
    for await (const _ of provider.streamChat(question, never));
    await provider.listModels?.(never);
    for (const { headers } of fake.requests) {
      expect(headers.authorization).toBe('Bearer sk-ant-1');
      expect(headers['anthropic-version']).toBe('2026-10-21');
      expect(Object.keys(headers).filter((name) => /custom|stainless|x-api-key|trace/.test(name))).toEqual([]);
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
