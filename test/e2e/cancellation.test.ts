/** A cancelled request closes the provider's connection. The times are measured and printed, never asserted. */
import { expect, test } from 'vitest';
import { AUTOMATIC, at, INVOKED, inline, startRemote, texts, uri } from './setup.ts';

const chat = { messages: [{ role: 'user', content: 'Why?' }] };

interface Case {
  readonly name: string;
  readonly method: 'inline' | 'chat';
  readonly triggerKind?: number;
  /** What the provider does before the cancel comes. */
  readonly before: 'silence' | 'headers' | 'text';
}

const cases: readonly Case[] = [
  { name: 'an explicit completion, before headers', method: 'inline', triggerKind: INVOKED, before: 'silence' },
  { name: 'an explicit completion, after headers', method: 'inline', triggerKind: INVOKED, before: 'headers' },
  { name: 'an explicit completion, in the middle', method: 'inline', triggerKind: INVOKED, before: 'text' },
  { name: 'an automatic completion, in the middle', method: 'inline', triggerKind: AUTOMATIC, before: 'text' },
  { name: 'a chat, before headers', method: 'chat', before: 'silence' },
  { name: 'a chat, in the middle', method: 'chat', before: 'text' },
];

test.each(cases)('$name', async ({ name, method, triggerKind, before }) => {
  const { server, fake } = await startRemote();
  server.open(uri, 'const a = ');
  const request = method === 'chat' ? server.request('inkling/chat', chat) : inline(server, 0, 10, triggerKind);
  const upstream = await fake.nextRequest();
  const exchange = fake.control(upstream);
  if (before === 'headers') await exchange.head();
  if (before === 'text') await exchange.send('f(');
  const cancelledAt = performance.now();
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  const answeredAt = performance.now();
  const closedAt = await upstream.closed;
  process.stdout.write(
    `  cancel of ${name}: answered after ${(answeredAt - cancelledAt).toFixed(1)} ms, socket closed after ${(closedAt - cancelledAt).toFixed(1)} ms\n`,
  );
});

test('a cancel that arrives with its request is honoured, and nothing is asked', async () => {
  const { server, fake } = await startRemote();
  server.open(uri, 'const a = ');
  const frame = (message: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
  const requests = Array.from({ length: 100 }, (_, index) => inline(server, 0, 10, INVOKED + (index % 2)));
  server.raw(requests.map(({ id }) => frame({ method: '$/cancelRequest', params: { id } })).join(''));
  const failures = await Promise.all(requests.map((request) => request.failure));
  expect(failures.every(({ code }) => code === -32800)).toBe(true);
  const last = inline(server, 0, 10);
  const upstreams = [await fake.nextRequest()];
  while (fake.requests.length > upstreams.length) upstreams.push(await fake.nextRequest());
  await Promise.all(upstreams.slice(0, -1).map((upstream) => upstream.closed));
  await fake.control(upstreams.at(-1) ?? (await fake.nextRequest())).send('f();\n');
  expect(texts(await last.response)).toEqual(['f();']);
});

test('an edit that agrees adopts the stream its cancel would have closed', async () => {
  const { server, fake } = await startRemote();
  server.open(uri, 'const a = ');
  const first = inline(server, 0, 10, AUTOMATIC);
  const exchange = fake.control(await fake.nextRequest());
  await exchange.send('foo');
  // The editor's own order: the cancel, the edit that caused it, the next request.
  await new Promise<void>((resolve) => setImmediate(resolve));
  first.cancel();
  server.change(uri, 'f', { start: at(0, 10), end: at(0, 10) });
  const second = inline(server, 0, 11, AUTOMATIC);
  expect(await first.failure).toMatchObject({ code: -32800 });
  await exchange.send('(1);\n');
  const adopted = await Promise.race([second.response, fake.nextRequest().then(() => 'asked again')]);
  // Whether the first text had reached the server when the edit came is a race the editor does not see either.
  if (adopted === 'asked again') await fake.control(fake.requests[1] ?? exchange.request).send('oo(1);\n');
  expect(texts(await second.response)).toEqual(['oo(1);']);
});

test('the client going away closes everything', async () => {
  const { server, fake } = await startRemote();
  server.open(uri, 'const a = ');
  inline(server, 0, 10);
  server.request('inkling/chat', chat);
  const upstreams = [await fake.nextRequest(), await fake.nextRequest()];
  server.child.stdin.end();
  await Promise.all(upstreams.map((upstream) => upstream.closed));
  expect((await server.exited).code).toBe(1);
});
