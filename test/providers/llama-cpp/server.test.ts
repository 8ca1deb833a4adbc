/** One server on one machine: found on either port, asked one thing at a time, its cache warmed while nobody types. */
import { describe, expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { defaultAddresses } from '../../../src/providers/llama-cpp/find-server.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { llamaHealth, llamaLoading, llamaProperties, llamaSend, llamaText } from '../../support/fake-llama-cpp-wire.ts';
import { type FakeRequest, type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { htmlPage, json } from '../../support/fake-responders.ts';
import { closeAfterTest, makeLlama, never, startLlama } from './setup.ts';

const completion = completionRequest({ context: contextAt('const a = █;\n') });
const question = chatRequest([{ role: 'user', content: 'Why?' }]);
const paths = (requests: readonly FakeRequest[]) => requests.map(({ path }) => path);
const isWarming = ({ body }: FakeRequest) => body['n_predict'] === 0;

describe('where the settings name no address', () => {
  const server: FakeResponder = (exchange) =>
    exchange.request.path === '/health' ? llamaHealth(exchange) : llamaText('x')(exchange);

  test('both default ports are looked at, the older one first', () => {
    expect(defaultAddresses).toEqual(['http://127.0.0.1:8080', 'http://127.0.0.1:9931']);
  });

  test('nothing but a question is sent to a program that is not the server', async () => {
    const other = await startFakeProvider({ respond: htmlPage(200) });
    const real = await startFakeProvider({ respond: server });
    closeAfterTest(() => Promise.all([other.close(), real.close()]));
    const { provider } = makeLlama({}, [other.origin, real.origin], 'key-1');
    await provider.completeCode(completion, never);
    await provider.completeCode(completion, never);
    expect(paths(other.requests)).toEqual(['/health']);
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(paths(real.requests)).toEqual(['/health', '/infill', '/infill']);
  });

  test('a server that went away is looked for anew', async () => {
    const old = await startFakeProvider({ respond: server });
    const next = await startFakeProvider({ respond: server });
    closeAfterTest(() => next.close());
    const { provider } = makeLlama({}, [old.origin, next.origin]);
    await provider.completeCode(completion, never);
    await old.close();
    expect((await failure(provider.completeCode(completion, never))).kind).toBe('network');
    expect((await provider.completeCode(completion, never)).candidates).toEqual([{ text: 'x' }]);
    expect(paths(next.requests)).toEqual(['/health', '/infill']);
  });

  test('where only another program answers, the error says so', async () => {
    const other = await startFakeProvider({ respond: htmlPage(200) });
    const gone = await startFakeProvider();
    await gone.close();
    closeAfterTest(() => other.close());
    const { provider } = makeLlama({}, [other.origin, gone.origin]);
    const { message } = await failure(provider.chat(question, never));
    expect(message).toContain(
      `on port ${other.port} or ${gone.port} of this machine: on ${other.port} it is another program.`,
    );
  });

  test('none is an error that says where was looked, and no warning in the log', async () => {
    const gone = await startFakeProvider();
    await gone.close();
    const { provider, dependencies } = makeLlama({}, [gone.origin]);
    await provider.initialize?.(never);
    expect(provider.lastHealth?.()).toMatchObject({ state: 'unreachable' });
    const error = await failure(provider.chat(question, never));
    expect(error).toMatchObject({
      kind: 'network',
      message: expect.stringMatching(/port \d+ of this machine.*baseUrl/),
    });
    expect(dependencies.logged).toEqual([]);
  });
});

describe('one request at a time', () => {
  test('a chat that waits goes before a completion that waits', async () => {
    const { fake, provider } = await startLlama();
    const all = [provider.completeCode(completion, never), provider.completeCode(completion, never)];
    const first = await fake.nextRequest();
    all.push(provider.completeCode(completion, never));
    const chat = provider.chat(question, never);
    await llamaSend(fake.control(first), 'x');
    expect(fake.requests).toHaveLength(1);
    fake.respond(llamaText('x'));
    await fake.control(first).event({ content: '', stop: true, stop_type: 'eos' });
    await fake.control(first).close();
    await Promise.all([...all, chat]);
    expect(paths(fake.requests)).toEqual(['/infill', '/v1/chat/completions', '/infill', '/infill']);
  });

  test('an automatic completion does not wait for a chat to end, and nothing is held against the server', async () => {
    const { fake, provider, clock } = await startLlama();
    const chat = provider.chat(question, never);
    const request = await fake.nextRequest();
    const automatic = failure(provider.completeCode({ ...completion, trigger: 'automatic' }, never));
    await clock.advance(250);
    const message = expect.stringContaining('one at a time');
    expect(await automatic).toMatchObject({ kind: 'overloaded', retryable: false, message });
    expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
    await llamaText('x')(fake.control(request));
    expect((await chat).message.content).toBe('x');
    expect(fake.requests).toHaveLength(1);
  });

  test('a superseded completion makes room at once', async () => {
    const { fake, provider } = await startLlama();
    const abort = new AbortController();
    const superseded = failure(provider.completeCode(completion, abort.signal));
    const first = await fake.nextRequest();
    const next = provider.completeCode(completion, never);
    abort.abort();
    await superseded;
    await first.closed;
    const second = await fake.nextRequest();
    await llamaText('x')(fake.control(second));
    expect((await next).candidates).toEqual([{ text: 'x' }]);
  });
});

describe('the cache', () => {
  const answersAll: FakeResponder = (exchange) =>
    isWarming(exchange.request) ? json({ content: '', stop: true })(exchange) : llamaText('x')(exchange);

  async function giveUpOne(
    fake: Awaited<ReturnType<typeof startLlama>>['fake'],
    run: (signal: AbortSignal) => Promise<unknown>,
  ) {
    fake.respond(undefined);
    const abort = new AbortController();
    const given = failure(run(abort.signal));
    const request = await fake.nextRequest();
    abort.abort();
    await given;
    await request.closed;
    fake.respond(answersAll);
    return request;
  }

  test('reads what a completion was given up over, once it is quiet', async () => {
    const { fake, provider, clock } = await startLlama();
    const given = await giveUpOne(fake, (signal) => provider.completeCode(completion, signal));
    await clock.advance(499);
    expect(fake.requests).toHaveLength(1);
    await clock.advance(1);
    const warming = await fake.nextRequest();
    expect(warming).toMatchObject({ path: '/infill', body: { ...given.body, n_predict: 0, stream: false } });
    while (clock.pending > 0) await new Promise(setImmediate);
    await clock.advance(10_000);
    expect(fake.requests).toHaveLength(2);
  });

  test('is left alone where the completion was read to its first token', async () => {
    const { fake, provider, clock } = await startLlama(answersAll);
    await provider.completeCode(completion, never);
    await clock.advance(10_000);
    expect(fake.requests).toHaveLength(1);
  });

  test('gives way to whatever is asked, and is warmed after it', async () => {
    const { fake, provider, clock } = await startLlama();
    await giveUpOne(fake, (signal) => provider.completeCode(completion, signal));
    fake.respond(undefined);
    await clock.advance(500);
    const warming = await fake.nextRequest();
    fake.respond(answersAll);
    await provider.chat(question, never);
    await warming.closed;
    await clock.advance(500);
    expect(isWarming(await fake.nextRequest())).toBe(false);
    expect(isWarming(await fake.nextRequest())).toBe(true);
  });

  test('is warmed after a chat in the only slot, and not after one in another', async () => {
    const one = await startLlama(answersAll);
    await one.provider.completeCode(completion, never);
    await one.provider.chat(question, never);
    await one.clock.advance(500);
    while (one.fake.requests.length < 3) await new Promise(setImmediate);
    expect(one.fake.requests.map(isWarming)).toEqual([false, false, true]);
    const two = await startLlama(llamaProperties(2));
    await two.provider.initialize?.(never);
    two.fake.respond(answersAll);
    await two.provider.completeCode(completion, never);
    await two.provider.chat(question, never);
    await two.clock.advance(10_000);
    expect(paths(two.fake.requests)).toEqual(['/props', '/infill', '/v1/chat/completions']);
  });

  test('a warming that fails is not tried for ever, and none outlives the provider', async () => {
    const { fake, provider, clock } = await startLlama();
    await giveUpOne(fake, (signal) => provider.completeCode(completion, signal));
    fake.respond(llamaLoading);
    await clock.advance(500);
    await fake.nextRequest();
    while (provider.lastHealth?.().state === 'ready') await new Promise(setImmediate);
    await clock.advance(10_000);
    expect(fake.requests).toHaveLength(2);
    await giveUpOne(fake, (signal) => provider.completeCode(completion, signal));
    await provider.dispose?.();
    await clock.advance(10_000);
    expect(fake.requests).toHaveLength(3);
  });
});

describe('health', () => {
  test('a server that loads its model says so, in errors and health', async () => {
    const { fake, provider } = await startLlama(llamaLoading);
    const error = await failure(provider.completeCode(completion, never));
    const message = expect.stringContaining('is loading its model');
    expect(error).toMatchObject({ kind: 'overloaded', message, retryable: false });
    expect(provider.lastHealth?.()).toMatchObject({ state: 'degraded', message: error.message });
    fake.respond(llamaProperties(1));
    expect(await provider.checkHealth?.(never)).toEqual({ state: 'ready' });
  });
});

test.each([
  ['/infill', [{ content: '', stop: true, stop_type: 'eos' }]],
  ['/v1/chat/completions', [{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]']],
])('a server that keeps the body of %s open costs its connection, not the answer', async (path, ending) => {
  const { fake, provider, clock } = await startLlama();
  const answer =
    path === '/infill'
      ? provider.completeCode(completion, never).then(({ candidates }) => candidates[0]?.text)
      : provider.chat(question, never).then(({ message }) => message.content);
  const request = await fake.nextRequest();
  await llamaSend(fake.control(request), 'x');
  for (const event of ending) await fake.control(request).event(event);
  while (clock.pending === 0) await new Promise(setImmediate);
  await clock.advance(250);
  expect(await answer).toBe('x');
  await request.closed;
});
