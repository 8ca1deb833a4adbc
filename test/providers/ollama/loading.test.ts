/** A model that is not in memory is loaded once, whatever is typed meanwhile, and asked as soon as it is there. */
import { expect, test } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { isOllamaLoad, ollamaError, ollamaLoaded, ollamaText } from '../../support/fake-ollama-wire.ts';
import type { FakeResponder } from '../../support/fake-provider.ts';
import { inTurn } from '../../support/fake-responders.ts';
import { never, startOllama } from './setup.ts';

const explicit = completionRequest({ context: contextAt('const a = █;\n') });
const automatic = completionRequest({ context: contextAt('const a = █;\n'), trigger: 'automatic' });
const question = chatRequest([{ role: 'user', content: 'Why?' }]);

/** Holds loads back until they are let go; answers everything else. */
function heldLoad() {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const respond: FakeResponder = async (exchange) => {
    if (!isOllamaLoad(exchange.request)) return ollamaText('f()')(exchange);
    await held;
    if (!exchange.isClosed) await ollamaLoaded(exchange);
  };
  return { respond, letGo };
}

test('ten superseded completions make one load, which none of them aborts', async () => {
  const { respond, letGo } = heldLoad();
  const { fake, provider } = await startOllama({ respond, recordLoads: true });
  for (let key = 0; key < 10; key++) {
    const abort = new AbortController();
    const superseded = failure(provider.completeCode(explicit, abort.signal));
    if (key === 0) await fake.nextRequest();
    abort.abort();
    expect((await superseded).kind).toBe('cancelled');
  }
  const last = provider.completeCode(explicit, never);
  expect(fake.requests.map(isOllamaLoad)).toEqual([true]);
  const closed = await Promise.race([
    fake.requests[0]?.closed,
    new Promise((resolve) => setImmediate(() => resolve('open'))),
  ]);
  expect(closed).toBe('open');
  letGo();
  expect((await last).candidates).toEqual([{ text: 'f()' }]);
  expect(fake.requests).toHaveLength(2);
});

test('the load has the options and the time to stay that every later request has', async () => {
  const entry = { keepAlive: '45m', contextWindow: 8192, requestOptions: { options: { num_gpu: 7 } } };
  const { respond, letGo } = heldLoad();
  letGo();
  const { fake, provider } = await startOllama({ respond, entry, recordLoads: true });
  await provider.completeCode(explicit, never);
  await provider.chat(question, never);
  expect(fake.requests.map(({ path }) => path)).toEqual(['/api/generate', '/api/generate', '/api/chat']);
  for (const { body } of fake.requests) {
    expect(body).toMatchObject({ model: 'mystery:1b', keep_alive: '45m', options: { num_ctx: 8192, num_gpu: 7 } });
  }
});

test('an automatic completion does not wait for a load, and says why; health and progress say it too', async () => {
  const { respond, letGo } = heldLoad();
  const { fake, provider, clock, titles } = await startOllama({ respond, recordLoads: true });
  const impatient = failure(provider.completeCode(automatic, never));
  await fake.nextRequest();
  await clock.advance(250);
  const error = await impatient;
  const message = expect.stringContaining('is loading mystery:1b');
  expect(error).toMatchObject({ kind: 'overloaded', message, retryable: false });
  expect(provider.lastHealth?.()).toEqual({ state: 'degraded', message: error.message });
  expect(titles).toEqual(['Loading mystery:1b into ollama']);
  letGo();
  expect((await provider.completeCode(explicit, never)).candidates).toEqual([{ text: 'f()' }]);
  expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
  expect(titles).toEqual(['Loading mystery:1b into ollama', 'end']);
  expect((await provider.completeCode(automatic, never)).candidates).toEqual([{ text: 'f()' }]);
});

test('a model that answered is taken to be there until the server lets it go', async () => {
  const { respond, letGo } = heldLoad();
  letGo();
  const { fake, provider, clock } = await startOllama({ respond, entry: { keepAlive: '10m' }, recordLoads: true });
  const loads = () => fake.requests.filter(isOllamaLoad).length;
  await provider.completeCode(explicit, never);
  await clock.advance(9 * 60_000);
  await provider.completeCode(explicit, never);
  await clock.advance(9 * 60_000);
  await provider.completeCode(explicit, never);
  expect(loads()).toBe(1);
  await clock.advance(10 * 60_000);
  await provider.completeCode(explicit, never);
  expect(loads()).toBe(2);
});

test('after a request that was given up before it began to be answered, the model is made sure of', async () => {
  let answers = true;
  const respond: FakeResponder = (exchange) => {
    if (isOllamaLoad(exchange.request)) return ollamaLoaded(exchange);
    return answers ? ollamaText('f()')(exchange) : undefined;
  };
  const { fake, provider } = await startOllama({ respond, recordLoads: true });
  await provider.completeCode(explicit, never);
  answers = false;
  const abort = new AbortController();
  const given = failure(provider.completeCode(explicit, abort.signal));
  while (fake.requests.length < 3) await new Promise(setImmediate);
  abort.abort();
  await given;
  answers = true;
  await provider.completeCode(explicit, never);
  expect(fake.requests.map(isOllamaLoad)).toEqual([true, false, false, true, false]);
});

test('a chat with another model loads that one, and the next completion makes sure of its own', async () => {
  const { respond, letGo } = heldLoad();
  letGo();
  const { fake, provider } = await startOllama({ respond, recordLoads: true });
  await provider.completeCode(explicit, never);
  await provider.chat({ ...question, model: 'other' }, never);
  await provider.completeCode(explicit, never);
  expect(fake.requests.filter(isOllamaLoad).map(({ body }) => body['model'])).toEqual([
    'mystery:1b',
    'other',
    'mystery:1b',
  ]);
});

test('a load that fails says why to everybody who waits, and is tried again', async () => {
  const respond = inTurn(ollamaError(404, "model 'mystery:1b' not found"), ollamaLoaded, ollamaText('f()'));
  const { provider } = await startOllama({ respond, recordLoads: true });
  const [one, other] = await Promise.all([
    failure(provider.completeCode(explicit, never)),
    failure(provider.chat(question, never)),
  ]);
  expect(one).toMatchObject({ kind: 'notFound', message: expect.stringContaining('ollama pull mystery:1b') });
  expect(other).toBe(one);
  expect((await provider.completeCode(explicit, never)).candidates).toEqual([{ text: 'f()' }]);
});

test('being made, listed and asked for its health loads nothing', async () => {
  const { fake, provider } = await startOllama({ respond: ollamaError(500, 'x'), recordLoads: true });
  await provider.initialize?.(never);
  await provider.checkHealth?.(never);
  expect(fake.requests.filter(isOllamaLoad)).toEqual([]);
});

test('disposing gives a load up', async () => {
  const { respond } = heldLoad();
  const { fake, provider } = await startOllama({ respond, recordLoads: true });
  const waiting = failure(provider.completeCode(explicit, never));
  const load = await fake.nextRequest();
  await provider.dispose?.();
  await load.closed;
  expect((await waiting).kind).toBe('cancelled');
});
