/** `inkling/chat` through the built server: streaming, context, cancellation, and honest refusals. */
import { realpathSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/command-line.ts';
import { streamText } from '../support/fake-responders.ts';
import type { Json } from '../support/server.ts';
import { at, startLocal, startRemote, uri } from './setup.ts';

const question = { messages: [{ role: 'user', content: 'Why?' }] };

test('streams increments in order and answers with the whole message', async () => {
  const { server, fake } = await startRemote({ settings: { chat: { instructions: 'Answer in rhyme.' } } });
  const request = server.request('inkling/chat', {
    ...question,
    partialResultToken: 'part-1',
    workDoneToken: 'work-1',
  });
  const upstream = await fake.nextRequest();
  expect(upstream.path).toBe('/v1/chat/completions');
  const exchange = fake.control(upstream);
  for (const delta of ['Be', 'cause ', 'μ😀.']) {
    await exchange.send(delta);
    expect(await server.nextNotification('$/progress', ({ token }) => token === 'part-1')).toEqual({
      token: 'part-1',
      value: { delta },
    });
  }
  await exchange.end({ finish: 'stop', usage: { inputTokens: 12, outputTokens: 3 } });
  expect(await request.response).toEqual({
    message: { role: 'assistant', content: 'Because μ😀.' },
    provider: 'fake',
    model: expect.any(String),
    finishReason: 'stop',
    usage: { inputTokens: 12, outputTokens: 3 },
    cached: false,
  });
  const work = server.notifications
    .filter(({ params }) => params.token === 'work-1')
    .map(({ params }) => params.value.kind);
  expect(work).toEqual(['begin', 'end']);
  expect(JSON.stringify(upstream.body['messages'])).toContain('Answer in rhyme.');
});

test('sends the selected lines and other files along, without secrets', async () => {
  const { server, fake } = await startRemote({ fake: { respond: streamText('ok') } });
  const key = `sk-proj-${'a1B2c3D4e5F6g7H8'.repeat(3)}`;
  server.open(uri, `const one = 1;\nconst key = "${key}";\nconst three = 3;\n`);
  server.open('file:///project/other.ts', 'export const other = true;\n');
  await server.request('inkling/chat', {
    ...question,
    context: { textDocument: { uri }, range: { start: at(1, 0), end: at(2, 3) }, files: ['file:///project/other.ts'] },
  }).response;
  const sent = fake.requests[0]?.text ?? '';
  expect(sent).toContain('other = true');
  expect(sent).toContain('const three');
  expect(sent).not.toContain('const one');
  expect(sent).not.toContain(key);
});

test('no secret is sent in a message, the standing instructions, or what is embedded', async () => {
  const key = `sk-proj-${'a1B2c3D4e5F6g7H8'.repeat(3)}`;
  const settings = { chat: { instructions: `Never say ${key}.` }, resilience: { retries: 0 } };
  const { server, fake } = await startRemote({ settings, fake: { respond: streamText('ok') } });
  const messages = ['user', 'assistant', 'user'].map((role) => ({ role, content: `before ${key} after` }));
  await server.request('inkling/chat', { messages }).response;
  await server.request('inkling/embed', { input: [`before ${key} after`] }).failure;
  expect(fake.requests).toHaveLength(2);
  for (const { text } of fake.requests) {
    expect(text).toMatch(/before REDACTED\*+ after/);
    expect(text).not.toContain(key);
  }
});

test('a secret is sent where the settings say so', async () => {
  const key = `sk-proj-${'a1B2c3D4e5F6g7H8'.repeat(3)}`;
  const settings = { privacy: { redactSecrets: false } };
  const { server, fake } = await startRemote({ settings, fake: { respond: streamText('ok') } });
  await server.request('inkling/chat', { messages: [{ role: 'user', content: key }] }).response;
  expect(fake.requests[0]?.text).toContain(key);
});

test('refuses to send a file that stays on the machine', async () => {
  const { server, fake } = await startRemote();
  const env = 'file:///project/.env';
  server.open(env, 'PASSWORD=hunter2\n', 'plaintext');
  const failure = await server.request('inkling/chat', { ...question, context: { textDocument: { uri: env } } })
    .failure;
  expect(failure).toMatchObject({ code: -32803, data: { kind: 'permission' } });
  expect(failure.message).toContain('.env');
  expect(fake.requests).toHaveLength(0);
});

test('a file that is not open is read as it is saved, without secrets', async () => {
  const key = `sk-proj-${'a1B2c3D4e5F6g7H8'.repeat(3)}`;
  const root = realpathSync(
    temporaryFolder({ 'lib/a b.ts': `\uFEFFconst one = 1;\r\nconst key = "${key}";\r\n`, 'c.py': 'c = 3\n' }),
  );
  symlinkSync(join(root, 'c.py'), join(root, 'link.txt'));
  const { server, fake } = await startRemote({ root, fake: { respond: streamText('ok') } });
  const [first, second] = [join(root, 'lib/a b.ts'), join(root, 'link.txt')].map((path) => pathToFileURL(path).href);
  await server.request('inkling/chat', {
    ...question,
    context: { textDocument: { uri: first }, range: { start: at(0, 0), end: at(1, 3) }, files: [second] },
  }).response;
  const sent: string = (fake.requests as Json)[0].body.messages[1].content;
  expect(sent.replace(/REDACTED\**/, '…')).toBe(
    'Here is the code I am looking at.\n\nc.py:\n```python\nc = 3\n```\n\n' +
      'Selected lines 1–2 of lib/a b.ts:\n```typescript\nconst one = 1;\nconst key = "…";\n```',
  );
});

test('what is asked to be shown and cannot be is named, and nothing is sent', async () => {
  const outside = realpathSync(temporaryFolder({ 'secret.ts': 'const secret = 1;\n' }));
  const root = realpathSync(
    temporaryFolder({
      '.env': 'PASSWORD=hunter2\n',
      'private/.aiexclude': '*\n',
      'private/a.ts': '1\n',
      'binary.ts': 'a\0b',
      'large.ts': 'x'.repeat(1_048_577),
      'long.ts': 'x\n'.repeat(200_000),
    }),
  );
  symlinkSync(join(root, '.env'), join(root, 'notes.txt'));
  symlinkSync(join(outside, 'secret.ts'), join(root, 'link.ts'));
  const { server, fake } = await startRemote({ root });
  const stale = `file://${root}/stale.ts`;
  server.open(stale, 'one\n');
  server.notify('textDocument/didChange', { textDocument: { uri: stale, version: 0 }, contentChanges: [{ text: '' }] });
  const refusals = [
    [`file://${root}/.env`, 'permission', /^\.env stays on this machine/],
    [`file://${root}/notes.txt`, 'permission', /^\.env stays on this machine/],
    [`file://${root}/private/a.ts`, 'permission', /^private\/a\.ts stays on this machine: excluded by \.aiexclude/],
    [`file://${root}/binary.ts`, 'permission', /^binary\.ts stays on this machine: the document is binary/],
    [
      `file://${root}/large.ts`,
      'invalidRequest',
      /^large\.ts is not open in the editor, and it is no file of at most 1 MB/,
    ],
    [`file://${root}/private`, 'invalidRequest', /^private is not open in the editor, and it is no file/],
    [`file://${root}/long.ts`, 'contextLength', /^long\.ts is too long to send as a whole/],
    [`file://${root}/absent.ts`, 'notFound', /^absent\.ts is not open in the editor, and there is no such file/],
    [`file://${root}/link.ts`, 'permission', /^link\.ts is not open in the editor, and it lies outside/],
    [`file://${root}/%2e%2e/${basename(outside)}/secret.ts`, 'permission', /^secret\.ts is not open .* lies outside/],
    [`file://${root}/a%2fb.ts`, 'notFound', /is that of no file/],
    ['untitled:Untitled-1', 'notFound', /^Untitled-1 is not open in the editor, and its address is that of no file/],
    ['', 'permission', /^"" is not open in the editor, and it lies outside/],
    ['no-such-file', 'notFound', /^no-such-file is not open in the editor, and there is no such file/],
    [stale, 'invalidRequest', /^stale\.ts is not known as the editor shows it/],
  ] as const;
  for (const [address, kind, message] of refusals) {
    for (const context of [{ files: [address] }, { textDocument: { uri: address } }]) {
      const failure = await server.request('inkling/chat', { ...question, context }).failure;
      expect(failure).toMatchObject({ code: -32803, message: expect.stringMatching(message), data: { kind } });
    }
  }
  expect(fake.requests).toHaveLength(0);
});

test('a cancelled chat answers -32800 and sends no more increments', async () => {
  const { server, fake } = await startRemote();
  const request = server.request('inkling/chat', { ...question, partialResultToken: 7 });
  const upstream = await fake.nextRequest();
  await fake.control(upstream).send('Be');
  await server.nextNotification('$/progress', ({ token }) => token === 7);
  request.cancel();
  expect(await request.failure).toMatchObject({ code: -32800 });
  await upstream.closed;
  expect(server.notifications.filter(({ params }) => params?.token === 7)).toHaveLength(1);
});

test('the offline engine says how to configure a chat', async () => {
  const server = await startLocal();
  const failure = await server.request('inkling/chat', question).failure;
  expect(failure).toMatchObject({ code: -32803, data: { kind: 'unsupported', provider: 'workspace' } });
  expect(failure.message).toMatch(/chat\.provider/);
});

test('the fallback is asked where the chat provider cannot chat at all', async () => {
  const settings = { provider: 'workspace', chat: { fallback: ['workspace', 'fake'] } };
  const { server, fake } = await startRemote({ settings, fake: { respond: streamText('Hello.') } });
  const { message, provider } = await server.request('inkling/chat', question).response;
  expect({ text: message.content, provider }).toEqual({ text: 'Hello.', provider: 'fake' });
  expect(fake.requests).toHaveLength(1);
  const report = await server.request('inkling/providers', {}).response;
  expect(report).toMatchObject({ active: 'workspace', completion: 'workspace', chat: 'fake' });
  server.open(uri, 'const a = 1;\n');
  const range = { start: at(0, 0), end: at(0, 5) };
  const context = { diagnostics: [], triggerKind: 1 };
  const actions = await server.request('textDocument/codeAction', { textDocument: { uri }, range, context }).response;
  expect(actions).not.toEqual([]);
  const { providers } = await server.request('inkling/stats', {}).response;
  expect(providers.workspace?.errors ?? {}).toEqual({});
  expect(server.notifications.filter(({ params }) => params.kind === 'Error' || params.kind === 'Warning')).toEqual([]);
  const named = await server.request('inkling/chat', { ...question, provider: 'workspace' }).failure;
  expect(named).toMatchObject({ code: -32803, data: { kind: 'unsupported', provider: 'workspace' } });
  expect(fake.requests).toHaveLength(1);
});

test('wrong params are named', async () => {
  const server = await startLocal();
  const failure = await server.request('inkling/chat', { messages: 'Why?' }).failure;
  expect(failure.code).toBe(-32602);
  expect(failure.message).toContain('messages');
  for (const none of [undefined, []]) {
    const { code, message } = await server.request('inkling/chat', none).failure;
    expect({ code, message }).toMatchObject({ code: -32602, message: expect.stringContaining('messages') });
  }
});

test('with a key in the environment, naming openai is a whole set-up', async () => {
  const { server: _unused, fake } = await startRemote({ fake: { respond: streamText('Hello.') } });
  const settings = {
    provider: 'openai',
    providers: { openai: { baseUrl: fake.url, apiKey: { env: 'OPENAI_API_KEY' } } },
  };
  const file = join(temporaryFolder({ 'config.json': JSON.stringify(settings) }), 'config.json');
  const server = await startLocal({
    arguments: ['--stdio', '--config', file],
    environment: { OPENAI_API_KEY: 'sk-test-0123456789', OPENAI_BASE_URL: 'http://127.0.0.1:9/elsewhere' },
  });
  const { message, provider } = await server.request('inkling/chat', question).response;
  expect({ message, provider }).toEqual({ message: { role: 'assistant', content: 'Hello.' }, provider: 'openai' });
  expect(fake.requests[0]?.headers['authorization']).toBe('Bearer sk-test-0123456789');
  expect(server.stderr()).not.toContain('sk-test');
});
