/** What the editor sees when the provider is slow, wrong, gone or lying: never an error, always a reason, always the next request works. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { llamaProperties, llamaText } from '../support/fake-llama-cpp-wire.ts';
import { isOllamaLoad, ollamaCard, ollamaLoaded, ollamaModels, ollamaText } from '../support/fake-ollama-wire.ts';
import { type FakeRequest, type FakeResponder, startFakeProvider } from '../support/fake-provider.ts';
import {
  dieAfter,
  errorStatus,
  hang,
  headersThenHang,
  htmlPage,
  malformedChunk,
  midStreamError,
  noDone,
  streamText,
  withModels,
} from '../support/fake-responders.ts';
import type { TestServer } from '../support/server.ts';
import { AUTOMATIC, inline, lastReason, startLocal, startRemote, texts, uri } from './setup.ts';

const quick = { completion: { timeout: 300, manualTimeout: 300 }, resilience: { retries: 0 } };

const failures: readonly [string, FakeResponder, RegExp][] = [
  ['hangs before headers', hang(), /did not finish within 300 ms/],
  ['hangs after headers', headersThenHang(), /did not finish within 300 ms/],
  ['dies in the middle', dieAfter(120), /connection|ended early|closed/i],
  ['ends without its terminal marker', noDone('partial'), /ended early/],
  ['refuses the key', errorStatus(401), /key/i],
  ['is overloaded', errorStatus(503), /overloaded|unavailable|503/i],
  ['fails inside', errorStatus(500), /500|server|failed/i],
  ['answers with a web page', htmlPage(), /502/],
  ['sends an error in the middle of the stream', midStreamError(), /.+/],
  ['sends a malformed chunk', malformedChunk(), /.+/],
];

describe.each(failures)('a provider that %s', (_name, respond, reason) => {
  test('leaves an empty answer with its reason, and the next request works', async () => {
    const { server, fake } = await startRemote({ settings: quick, fake: { respond } });
    server.open(uri, 'const a = ');
    expect(await inline(server, 0, 10).response).toEqual({ items: [] });
    const explained = await lastReason(server);
    expect(explained.outcome).toBe('failed');
    expect(explained.reason).toMatch(reason);
    fake.respond(streamText('f();\nrest'));
    expect(texts(await inline(server, 0, 10).response)).toEqual(['f();']);
  });

  test('is an error with a kind and what to do for a chat', async () => {
    const { server } = await startRemote({
      settings: { ...quick, chat: { timeout: 1000 } },
      fake: { respond },
    });
    const failure = await server.request('inkling/chat', { messages: [{ role: 'user', content: 'Why?' }] }).failure;
    expect(failure).toMatchObject({ code: -32803, data: { provider: 'fake', kind: expect.any(String) } });
    expect(failure.data.message).toBe(failure.message);
  });
});

test('a provider that limits the rate is not asked again before its time', async () => {
  const { server, fake } = await startRemote({
    fake: { respond: errorStatus(429, undefined, { 'retry-after': '3600' }) },
  });
  server.open(uri, 'const a = ');
  expect(await inline(server, 0, 10).response).toEqual({ items: [] });
  fake.respond(streamText('f();\nrest'));
  expect(await inline(server, 0, 10).response).toEqual({ items: [] });
  expect(fake.requests).toHaveLength(1);
  expect((await lastReason(server)).reason).toMatch(/takes no more requests for 3\d{3} s/);
  const { providers } = await server.request('inkling/providers').response;
  expect(providers.find(({ id }: { id: string }) => id === 'fake').health).toMatchObject({ state: 'degraded' });
});

test('a provider whose answer says that nothing is left is not asked again before that is renewed', async () => {
  const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '50s' };
  const { server, fake } = await startRemote({ fake: { respond: streamText('f();\nrest', { headers }) } });
  server.open(uri, 'const a = \n');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f();']);
  expect(await inline(server, 1, 0).response).toEqual({ items: [] });
  expect((await lastReason(server)).reason).toMatch(
    /no more requests for (50|49) s: its answers say that nothing is left/,
  );
  const failure = await server.request('inkling/chat', { messages: [{ role: 'user', content: 'Why?' }] }).failure;
  expect(failure).toMatchObject({ data: { kind: 'rateLimited', retryAfter: expect.any(Number) } });
  expect(fake.requests).toHaveLength(1);
  const { providers } = await server.request('inkling/providers').response;
  const { health } = providers.find(({ id }: { id: string }) => id === 'fake');
  expect(health).toMatchObject({ state: 'degraded', message: 'The rate limit is used up.' });
});

test('what a provider in trouble asks for with Retry-After holds for the next call too', async () => {
  const { server, fake } = await startRemote({
    fake: { respond: errorStatus(503, undefined, { 'retry-after': '40' }) },
  });
  server.open(uri, 'const a = ');
  await inline(server, 0, 10).response;
  await inline(server, 0, 10).response;
  expect((await lastReason(server)).reason).toMatch(/no more requests for (40|39) s: as it asked/);
  expect(fake.requests).toHaveLength(1);
});

test('a provider that keeps failing is left alone while the user types, and tried when asked by hand', async () => {
  const { server, fake } = await startRemote({
    settings: { resilience: { retries: 0 }, completion: { debounce: { max: 0 } } },
    fake: { respond: errorStatus(500) },
  });
  server.open(uri, '');
  const type = async (key: number) => {
    server.change(uri, 'a', { start: { line: 0, character: key }, end: { line: 0, character: key } });
    await inline(server, 0, key + 1, 2).response;
  };
  for (let key = 0; key < 12; key += 1) await type(key);
  expect(fake.requests).toHaveLength(5);
  expect((await lastReason(server)).reason).toMatch(/left alone/);
  fake.respond(streamText('f();\nrest'));
  expect(texts(await inline(server, 0, 12).response)).toEqual(['f();']);
});

test('a passing failure is tried again, unseen', async () => {
  let calls = 0;
  const { server, fake } = await startRemote({
    fake: {
      respond(exchange) {
        calls += 1;
        return (calls === 1 ? errorStatus(503) : streamText('f();\nrest'))(exchange);
      },
    },
  });
  server.open(uri, 'const a = ');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['f();']);
  expect(fake.requests).toHaveLength(2);
});

test('a provider that refuses connections is a warning in the status, and silence in the editor', async () => {
  const { server, fake } = await startRemote();
  await fake.close();
  server.open(uri, 'const a = ');
  expect(await inline(server, 0, 10).response).toEqual({ items: [] });
  const status = await server.nextNotification('didChangeStatus', ({ kind }) => kind === 'Warning');
  expect(status.message).toMatch(/127\.0\.0\.1|refused|reach/i);
  expect(status.command).toEqual({ title: 'Explain the last suggestion', command: 'inkling.explainLast' });
  expect(server.notifications.filter(({ method }) => method === 'window/showMessage')).toEqual([]);
});

test('a provider that died and came back is found without a call, and the status says so', async () => {
  const { server, fake } = await startRemote({ settings: { resilience: { retries: 0, breaker: { failures: 1 } } } });
  await fake.close();
  server.open(uri, 'const a = ');
  expect(await inline(server, 0, 10, AUTOMATIC).response).toEqual({ items: [] });
  await server.nextNotification('didChangeStatus', ({ kind, busy }) => kind === 'Warning' && !busy);
  const revived = await startFakeProvider({
    port: fake.port,
    respond: withModels(['fake-coder'], streamText('f();\nrest')),
  });
  onTestFinished(() => revived.close());
  await untilStatus(server, 'Normal');
  expect(revived.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/models']);
  expect(texts(await inline(server, 0, 10, AUTOMATIC).response)).toEqual(['f();']);
});

/** Until that is the last thing that was said. */
async function untilStatus(server: TestServer, wanted: string): Promise<void> {
  const last = () => server.notifications.findLast(({ method }) => method === 'didChangeStatus')?.params.kind;
  while (last() !== wanted) await server.nextNotification('didChangeStatus');
}

const localServers: readonly [string, FakeResponder, (request: FakeRequest) => FakeResponder | undefined][] = [
  [
    'ollama',
    ollamaText('f();\n'),
    (request) => {
      if (request.path === '/api/tags') return ollamaModels('qwen2.5-coder:1.5b');
      if (request.path === '/api/show') return ollamaCard({ capabilities: ['completion', 'insert'] });
      return isOllamaLoad(request) ? ollamaLoaded : undefined;
    },
  ],
  [
    'llama-cpp',
    llamaText('f();\n'),
    ({ path, body }) => {
      if (path === '/props') return llamaProperties(2);
      // It is given what to read while nobody types.
      return body['n_predict'] === 0 ? llamaText('') : undefined;
    },
  ],
];

test.each(localServers)(
  'a server of this machine that is started late (%s) is found without a call',
  async (id, respond, aside) => {
    const place = await startFakeProvider();
    await place.close();
    const server = await startLocal({
      initializationOptions: {
        provider: id,
        completion: { fallback: ['workspace'] },
        providers: { [id]: { baseUrl: place.origin } },
        resilience: { retries: 0, breaker: { failures: 1 } },
      },
    });
    server.open(uri, 'const a = \n');
    await inline(server, 0, 10, AUTOMATIC).response;
    await server.nextNotification('didChangeStatus', ({ kind, busy }) => kind === 'Warning' && !busy);
    const late = await startFakeProvider({
      port: place.port,
      respond,
      aside,
    });
    onTestFinished(() => late.close());
    await untilStatus(server, 'Normal');
    expect(late.requests).toEqual([]);
    expect(texts(await inline(server, 0, 10).response)).toEqual(['f();']);
  },
);

test('the status says what is wrong on change only, and recovers', async () => {
  const { server, fake } = await startRemote({ fake: { respond: errorStatus(401) } });
  server.open(uri, 'const a = ');
  await inline(server, 0, 10).response;
  await server.nextNotification('didChangeStatus', ({ kind, busy }) => kind === 'Error' && !busy);
  fake.respond(streamText('f();\nrest'));
  await inline(server, 0, 10).response;
  const recovered = await server.nextNotification('didChangeStatus', ({ kind, busy }) => kind === 'Normal' && !busy);
  expect(recovered).not.toHaveProperty('command');
  const statuses = server.notifications
    .filter(({ method }) => method === 'didChangeStatus')
    .map(({ params }) => JSON.stringify(params));
  expect(statuses.some((status, index) => status === statuses[index - 1])).toBe(false);
});

const repeated = ['one', 'two', 'three', 'four']
  .map((name) => `const ${name} = computeAlpha(first, second);\n`)
  .join('');

test('with a fallback, the offline engine answers for a provider that cannot', async () => {
  const { server } = await startRemote({
    settings: { completion: { fallback: ['workspace'] } },
    fake: { respond: errorStatus(500) },
  });
  server.open(uri, `${repeated}const last = computeAl`);
  expect(texts(await inline(server, 4, 22).response)).toEqual(['pha(first, second);']);
  expect(await lastReason(server)).toMatchObject({ outcome: 'offered', provider: 'workspace' });
});
