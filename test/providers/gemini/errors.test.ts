/** Everything that goes wrong before Gemini, each as its kind, with what to do and how long to wait. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { AiErrorKind } from '../../../src/domain/ai-error.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { failure } from '../../contract/ai-provider.ts';
import {
  badRequest,
  errorInfo,
  type GeminiErrorInit,
  geminiAnswer,
  geminiBlocked,
  geminiError,
  geminiEvents,
  geminiSend,
  geminiText,
  quotaFailure,
  retryInfo,
} from '../../support/fake-gemini-wire.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { errorStatus, htmlPage, json, raw, redirect } from '../../support/fake-responders.ts';
import { never, startGemini } from './setup.ts';

/** Stands for the user's text: it must be in no message. */
const secretText = 'the text of the document';
const question = chatRequest([{ role: 'user', content: secretText }], { maxTokens: 9 });

const answer = (code: number, init: GeminiErrorInit = {}, headers = {}): FakeResponder =>
  errorStatus(code, geminiError(code, { message: `${secretText} AIza-1`, ...init }), headers);
const details = (...list: object[]): GeminiErrorInit => ({ details: list });
const says = (message: string): GeminiErrorInit => ({ message });

interface Case {
  readonly kind: AiErrorKind;
  readonly message: RegExp;
  readonly retryAfter?: number;
  readonly retryable?: boolean;
}

const perDay = quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier');
const perMinute = quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier');

const table: readonly (readonly [string, FakeResponder, Case])[] = [
  ['400', answer(400), { kind: 'invalidRequest', message: /refused the request.*400 INVALID_ARGUMENT/ }],
  [
    '400 with a field',
    answer(400, details(badRequest('generation_config.top_p', 'words'))),
    { kind: 'invalidRequest', message: /generation_config\.top_p/ },
  ],
  [
    '400 for a wrong key',
    answer(400, details(errorInfo('API_KEY_INVALID'))),
    { kind: 'authentication', message: /Check GEMINI_API_KEY.*API_KEY_INVALID/ },
  ],
  [
    '400 for a wrong key, in words only',
    answer(400, says('API key not valid. Please pass a valid API key.')),
    { kind: 'authentication', message: /Check GEMINI_API_KEY/ },
  ],
  [
    '400 for a region that is not served',
    answer(400, { status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' }),
    { kind: 'permission', message: /not from here/ },
  ],
  [
    '400 for too long a prompt',
    answer(400, says('The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).')),
    { kind: 'contextLength', message: /Shorten/ },
  ],
  ['401', answer(401), { kind: 'authentication', message: /GEMINI_API_KEY/ }],
  ['402', answer(402), { kind: 'quota', message: /billing/ }],
  ['403', answer(403), { kind: 'permission', message: /may not use gemini-3\.5-flash-lite/ }],
  [
    '403 for a key bound to other places',
    answer(403, details(errorInfo('API_KEY_IP_ADDRESS_BLOCKED'))),
    { kind: 'permission', message: /not from here.*API_KEY_IP_ADDRESS_BLOCKED/ },
  ],
  ['404', answer(404), { kind: 'notFound', message: /no model gemini-3\.5-flash-lite/ }],
  ['408', answer(408), { kind: 'timeout', message: /took too long/, retryable: true }],
  ['413', answer(413), { kind: 'contextLength', message: /Shorten/ }],
  ['422', answer(422), { kind: 'invalidRequest', message: /refused/ }],
  [
    '429 with a time to wait',
    answer(429, details(perMinute, retryInfo('13.5s'))),
    { kind: 'rateLimited', message: /Wait a moment.*RESOURCE_EXHAUSTED/, retryAfter: 13_500, retryable: true },
  ],
  [
    '429 with a header of a gateway',
    answer(429, {}, { 'retry-after': '4' }),
    { kind: 'rateLimited', message: /Wait/, retryAfter: 4000 },
  ],
  ['429 without a hint', answer(429), { kind: 'rateLimited', message: /Wait/, retryable: true }],
  [
    '429 for the day',
    answer(429, details(perDay, retryInfo('30s'))),
    { kind: 'quota', message: /used up.*per day/, retryable: false },
  ],
  ['500', answer(500), { kind: 'server', message: /error of its own.*INTERNAL/, retryable: true }],
  ['503', answer(503), { kind: 'overloaded', message: /overloaded.*UNAVAILABLE/, retryable: true }],
  ['504', answer(504), { kind: 'timeout', message: /took too long/ }],
  ['529', answer(529), { kind: 'overloaded', message: /overloaded/ }],
  [
    'an error in a list',
    errorStatus(503, [geminiError(503, says(secretText))]),
    { kind: 'overloaded', message: /UNAVAILABLE/ },
  ],
  ['a page of a proxy', htmlPage(502), { kind: 'server', message: /502/ }],
  ['a login page', htmlPage(200), { kind: 'server', message: /not its API.*login page/, retryable: false }],
  ['JSON of something else', json({ hello: 1 }), { kind: 'server', message: /not its API/ }],
  ['a redirect', redirect('https://elsewhere.example/'), { kind: 'network', message: /elsewhere\.example/ }],
  ['no HTTP', raw('SSH-2.0-OpenSSH\r\n'), { kind: 'network', message: /did not answer in HTTP/ }],
  [
    'a blocked prompt',
    json(geminiBlocked('SAFETY')),
    { kind: 'filtered', message: /blocked the prompt \(SAFETY: .*safetySettings/ },
  ],
  [
    'a forbidden prompt',
    json(geminiBlocked('PROHIBITED_CONTENT')),
    { kind: 'filtered', message: /PROHIBITED_CONTENT/ },
  ],
];

test.each(table)('%s', async (_, respond, { kind, message, ...more }) => {
  const { provider } = await startGemini(respond);
  const calls = [
    () => provider.chat(question, never),
    async () => {
      for await (const _ of provider.streamChat(question, never));
    },
  ];
  for (const call of calls) {
    const error = await failure(call());
    expect(error).toMatchObject({ kind, provider: 'gemini', ...more });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(secretText);
    expect(JSON.stringify(error)).not.toContain('AIza');
  }
});

const inStream: readonly (readonly [string, FakeResponder, Case])[] = [
  [
    'overloaded',
    geminiEvents(geminiAnswer([{ text: 'a' }]), geminiError(503)),
    { kind: 'overloaded', message: /503 UNAVAILABLE/ },
  ],
  [
    'a rate limit',
    geminiEvents(geminiAnswer([{ text: 'a' }]), geminiError(429, details(retryInfo('2s')))),
    { kind: 'rateLimited', message: /Wait/, retryAfter: 2000 },
  ],
  [
    'an error without a number',
    geminiEvents(geminiAnswer([{ text: 'a' }]), { error: { status: 'UNAVAILABLE' } }),
    { kind: 'overloaded', message: /UNAVAILABLE/ },
  ],
  ['no end', geminiEvents(geminiAnswer([{ text: 'a' }])), { kind: 'network', message: /ended early/ }],
  ['nothing at all', geminiEvents(), { kind: 'network', message: /ended early/ }],
  ['half an event', geminiEvents(geminiAnswer([{ text: 'a' }]), '{"cand'), { kind: 'server', message: /no JSON/ }],
  ['a blocked prompt', geminiEvents(geminiBlocked('BLOCKLIST')), { kind: 'filtered', message: /BLOCKLIST/ }],
  [
    'a socket that dies',
    async (exchange) => {
      await geminiSend(exchange, 'a');
      exchange.die();
    },
    { kind: 'network', message: /closed the connection/ },
  ],
];

test.each(inStream)('in a stream: %s', async (_, respond, { kind, message, ...more }) => {
  const { provider } = await startGemini(respond);
  const read = async () => {
    for await (const _ of provider.streamChat(question, never));
  };
  const error = await failure(read());
  expect(error).toMatchObject({ kind, ...more });
  expect(error.message).toMatch(message);
});

test('an answer in one piece without an end was cut off', async () => {
  const { provider } = await startGemini(json(geminiAnswer([{ text: 'a' }])));
  expect((await failure(provider.chat(question, never))).kind).toBe('network');
});

test.each([
  ['http://127.0.0.1:1/v1beta', 'network', /Nothing answers at 127\.0\.0\.1:1/],
  ['http://no-such-host.invalid/v1beta', 'network', /no-such-host\.invalid cannot be found/],
] as const)('nobody at %s', async (baseUrl, kind, message) => {
  const { provider } = await startGemini(undefined, { baseUrl });
  const error = await failure(provider.chat(question, never));
  expect(error.kind).toBe(kind);
  expect(error.message).toMatch(message);
});

test('a certificate nobody vouches for', async () => {
  const pem = (name: string) =>
    readFileSync(new URL(`../../fixtures/tls/localhost.${name}.pem`, import.meta.url), 'utf8');
  const secure = await startFakeProvider({ respond: geminiText('x'), tls: { key: pem('key'), cert: pem('cert') } });
  try {
    const { provider } = await startGemini(undefined, { baseUrl: `${secure.origin}/v1beta` });
    const error = await failure(provider.chat(question, never));
    expect(error).toMatchObject({ kind: 'network', retryable: false });
    expect(error.message).toMatch(/certificate/);
    expect(secure.requests).toEqual([]);
  } finally {
    await secure.close();
  }
});

test('without a key nothing is sent, and the variable is named', async () => {
  const { fake, provider } = await startGemini(geminiText('x'), {}, '');
  const error = await failure(provider.chat(question, never));
  expect(error).toMatchObject({ kind: 'notConfigured', message: expect.stringContaining('GEMINI_API_KEY') });
  expect(provider.lastHealth?.()).toMatchObject({ state: 'unconfigured' });
  await provider.initialize?.(never);
  expect(fake.connections).toBe(0);
});

test.each(['../../v1/files', 'a?key=b', 'a&b', ''])('the name %j is no model, and nothing is sent', async (model) => {
  const { fake, provider } = await startGemini(geminiText('x'));
  expect((await failure(provider.chat({ ...question, model }, never))).kind).toBe('notFound');
  expect(fake.requests).toEqual([]);
});

test('embedding, counting and listing fail alike, and are left before and in the middle', async () => {
  const { fake, provider } = await startGemini(answer(429, details(retryInfo('1s'))));
  const calls = [
    (signal: AbortSignal) => provider.embed?.({ input: ['a'] }, signal),
    (signal: AbortSignal) => provider.countTokens?.('a', signal),
    (signal: AbortSignal) => provider.listModels?.(signal),
  ];
  for (const call of calls) {
    expect(await failure(Promise.resolve(call(never)))).toMatchObject({ kind: 'rateLimited', retryAfter: 1000 });
  }
  const sent = fake.requests.length;
  for (const call of calls) {
    expect((await failure(Promise.resolve(call(AbortSignal.abort())))).kind).toBe('cancelled');
  }
  expect(fake.requests).toHaveLength(sent);
  fake.respond(undefined);
  while (fake.requests.length > 0 && (await fake.nextRequest()) !== fake.requests.at(-1));
  for (const call of calls) {
    const abort = new AbortController();
    const failed = failure(Promise.resolve(call(abort.signal)));
    const request = await fake.nextRequest();
    abort.abort();
    expect((await failed).kind).toBe('cancelled');
    await request.closed;
  }
});

test.each(['{}', '[]', 'null', '<html>', '{"embeddings":[]}'])(
  'the answer %s is no vectors and no count',
  async (body) => {
    const { provider } = await startGemini(errorStatus(200, body));
    for (const call of [provider.embed?.({ input: ['a'] }, never), provider.countTokens?.('a', never)]) {
      expect(await failure(Promise.resolve(call))).toMatchObject({ kind: 'server' });
    }
  },
);
