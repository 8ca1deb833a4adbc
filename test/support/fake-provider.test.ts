/** The fake provider itself: a test double that lies would make every other test worthless. */
import { afterEach, expect, test } from 'vitest';
import { type FakeProvider, type FakeProviderOptions, startFakeProvider } from './fake-provider.ts';
import { dieAfter, errorStatus, inTurn, models, noDone, raw, streamText, withModels } from './fake-responders.ts';

const running: FakeProvider[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((fake) => fake.close()));
});

async function start(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const fake = await startFakeProvider(options);
  running.push(fake);
  return fake;
}

function ask(fake: FakeProvider, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${fake.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

test('a stream is driven step by step, and its closing is seen', async () => {
  const fake = await start();
  const abort = new AbortController();
  const answer = ask(fake, { stream: true, model: 'm' }, abort.signal);
  const request = await fake.nextRequest();
  expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions', body: { model: 'm' }, connection: 1 });
  const stream = fake.control(request);
  await stream.send('foo');
  const reader = (await answer).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('"delta":{"content":"foo"}');
  abort.abort();
  expect(await request.closed).toBeGreaterThan(0);
  expect(stream.isClosed).toBe(true);
  await stream.send('nobody listens');
});

test('streamText answers streaming and unary requests alike', async () => {
  const fake = await start({ respond: streamText('héllo', { chunkSize: 2, bytesPerWrite: 3 }) });
  const streamed = await (await ask(fake, { stream: true })).text();
  expect(streamed.match(/"content":"[^"]*"/g)).toEqual(['"content":"hé"', '"content":"ll"', '"content":"o"']);
  expect(streamed).toMatch(/"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/);
  const unary: unknown = await (await ask(fake, {})).json();
  expect(unary).toMatchObject({ choices: [{ message: { content: 'héllo' } }] });
});

test('bad answers are bad in the way their names say', async () => {
  const fake = await start({ respond: inTurn(noDone('ab'), errorStatus(429), dieAfter(40), raw('nonsense')) });
  const truncated = await (await ask(fake, { stream: true })).text();
  expect(truncated).toContain('"content":"ab"');
  expect(truncated).not.toMatch(/DONE|"finish_reason":"/);
  expect((await ask(fake, {})).status).toBe(429);
  await expect(ask(fake, { stream: true }).then((response) => response.text())).rejects.toThrow();
  await expect(ask(fake, {})).rejects.toThrow();
});

test('models are listed beside other answers', async () => {
  const fake = await start({ respond: withModels(['a', 'b'], models()) });
  expect(await (await fetch(`${fake.url}/models`)).json()).toMatchObject({ data: [{ id: 'a' }, { id: 'b' }] });
});
