/** Settings as real clients send them: at start, pushed, pulled, wrong, and changed in the middle of work. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/command-line.ts';
import { startFakeProvider } from '../support/fake-provider.ts';
import { streamText } from '../support/fake-responders.ts';
import { inlineCapabilities, spawnServer } from '../support/server.ts';
import { inline, remoteSettings, startLocal, startRemote, texts, uri } from './setup.ts';

async function provider(text: string) {
  const fake = await startFakeProvider({ respond: streamText(text) });
  onTestFinished(() => fake.close());
  return fake;
}

test('a pushed change of model and provider takes effect on the next request; work in flight ends as it began', async () => {
  const { server, fake } = await startRemote();
  const other = await provider('fromOther();\nrest');
  server.open(uri, 'const a = ');
  const inFlight = server.request('inkling/chat', { messages: [{ role: 'user', content: 'Why?' }] });
  const exchange = fake.control(await fake.nextRequest());
  await exchange.send('Be');
  server.notify('workspace/didChangeConfiguration', {
    settings: {
      inkling: { providers: { fake: { kind: 'openai-compatible', baseUrl: other.url, model: 'second', fim: 'qwen' } } },
    },
  });
  expect(texts(await inline(server, 0, 10).response)).toEqual(['fromOther();']);
  expect(other.requests[0]?.body['model']).toBe('second');
  await exchange.send('cause.');
  await exchange.end();
  expect((await inFlight.response).message.content).toBe('Because.');
});

test('settings are pulled where the client offers it, also when a push says nothing', async () => {
  const fake = await provider('pulled();\nrest');
  const pulled: string[] = [];
  const server = await startLocal({
    capabilities: { ...inlineCapabilities, workspace: { configuration: true } },
    initializationOptions: null,
  });
  server.handle('workspace/configuration', ({ items }) => {
    pulled.push(...items.map((item: { section: string }) => item.section));
    return [remoteSettings(fake)];
  });
  server.notify('workspace/didChangeConfiguration', { settings: null });
  await server.nextNotification('didChangeStatus', ({ message }) => message.includes('fake'));
  server.open(uri, 'const a = ');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['pulled();']);
  expect(new Set(pulled)).toEqual(new Set(['inkling']));
});

test('a wrong setting is reported once with its path; the others and the last good value hold', async () => {
  const { server, fake } = await startRemote({ settings: { completion: { maxTokens: 33 } } });
  fake.respond(streamText('f();\nrest'));
  const push = (completion: object) =>
    server.notify('workspace/didChangeConfiguration', { settings: { inkling: { completion } } });
  push({ maxTokens: 44 });
  push({ maxTokens: 'many', maxLines: 3 });
  const { message, type } = await server.nextNotification('window/showMessage');
  expect(message).toMatch(/completion\.maxTokens.*whole number/s);
  expect(type).toBe(2);
  push({ maxTokens: 'many', maxLines: 3 });
  server.open(uri, 'const a = ');
  await inline(server, 0, 10).response;
  expect(fake.requests[0]?.body['max_tokens']).toBe(44);
  expect(server.notifications.filter(({ method }) => method === 'window/showMessage')).toHaveLength(1);
});

test('a log file that cannot be is reported, and the server runs on', async () => {
  const settings = JSON.stringify({ log: { file: '/etc/hostname/none.log' } });
  const file = join(temporaryFolder({ 'config.json': settings }), 'config.json');
  const server = await startLocal({ arguments: ['--stdio', '--config', file] });
  const { message } = await server.nextNotification('window/logMessage', (params) => params.type === 2);
  expect(message).toContain('log.file');
  expect((await server.request('inkling/providers').response).active).toBe('workspace');
});

test('an unreadable settings file is reported, and the server runs on', async () => {
  const file = join(temporaryFolder({ 'config.json': '{ "completion": { "maxLines": ' }), 'config.json');
  const server = await startLocal({ arguments: ['--stdio', '--config', file] });
  const { message } = await server.nextNotification('window/showMessage');
  expect(message).toMatch(/^Inkling ignored the user file: expected JSON with comments in .*config\.json; got /);
  const { active } = await server.request('inkling/providers').response;
  expect(active).toBe('workspace');
});

test('a hostile setting changes nothing but gets a message', async () => {
  const server = await startLocal({
    initializationOptions: JSON.parse(
      '{"__proto__": {"provider": "x"}, "providers": {"constructor": {"kind": "openai"}}}',
    ),
  });
  await server.nextNotification('window/showMessage');
  expect((await server.request('inkling/providers', {}).response).active).toBe('workspace');
});

test('inkling/setProvider switches for this session and names what it knows', async () => {
  const fake = await provider('chosen();\nrest');
  const { providers } = remoteSettings(fake);
  const server = await startLocal({ initializationOptions: { providers } });
  expect(await server.request('inkling/setProvider', { provider: 'fake', for: 'completion' }).response).toMatchObject({
    active: 'workspace',
    completion: 'fake',
    chat: 'workspace',
  });
  server.open(uri, 'const a = ');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['chosen();']);
  const failure = await server.request('inkling/setProvider', { provider: 'nobody' }).failure;
  expect(failure).toMatchObject({ code: -32803, data: { kind: 'notConfigured' } });
  expect(failure.message).toMatch(/workspace.*fake|fake.*workspace/);
});

test('a provider chosen by command holds until the settings name another', async () => {
  const [first, second] = [await provider('first();\nrest'), await provider('second();\nrest')];
  const entry = (url: string) => ({ kind: 'openai-compatible', baseUrl: url, model: 'm', fim: 'qwen' });
  const providers = { first: entry(first.url), second: entry(second.url) };
  const server = await startLocal({ initializationOptions: { providers, completion: { fallback: [] } } });
  const push = (inkling: object) => server.notify('workspace/didChangeConfiguration', { settings: { inkling } });
  const completing = async () => (await server.request('inkling/providers', {}).response).completion;
  await server.request('workspace/executeCommand', { command: 'inkling.selectProvider', arguments: ['first'] })
    .response;
  push({ completion: { maxLines: 3 } });
  expect(await completing()).toBe('first');
  push({ provider: 'second' });
  expect(await completing()).toBe('second');
  await server.nextNotification('didChangeStatus', ({ message }) => message.includes('second'));
  server.open(uri, 'const a = ');
  expect(texts(await inline(server, 0, 10).response)).toEqual(['second();']);
});

test('settings that the editor tells only after a choice by command do not undo it', async () => {
  const fake = await provider('pulled();\nrest');
  const server = spawnServer();
  onTestFinished(() => server.stop());
  const { providers } = remoteSettings(fake);
  server.handle('workspace/configuration', () => [{ provider: 'openai', providers, completion: { maxLines: 3 } }]);
  await server.request('initialize', {
    processId: null,
    capabilities: { ...inlineCapabilities, workspace: { configuration: true } },
    initializationOptions: { providers },
  }).response;
  server.notify('initialized', {});
  // In one breath, as a client's own script would: the settings are asked for when no request waits.
  await server.request('inkling/setProvider', { provider: 'fake' }).response;
  await server.nextNotification('window/logMessage', ({ message }) => message.includes('layer="client"'));
  expect((await server.request('inkling/providers', {}).response).active).toBe('fake');
});

test('the list appears and disappears with the setting, where the client can be told', async () => {
  const dynamic = { textDocument: { inlineCompletion: {}, completion: { dynamicRegistration: true } } };
  const server = await startLocal({ capabilities: dynamic });
  const registered = new Promise<string>((resolve) => {
    server.handle('client/registerCapability', ({ registrations }) => resolve(registrations[0].method));
  });
  const withdrawn = new Promise<string>((resolve) => {
    server.handle('client/unregisterCapability', ({ unregisterations }) => resolve(unregisterations[0].method));
  });
  server.notify('workspace/didChangeConfiguration', { settings: { inkling: { completion: { surface: 'both' } } } });
  expect(await registered).toBe('textDocument/completion');
  server.notify('workspace/didChangeConfiguration', { settings: { inkling: { completion: { surface: 'auto' } } } });
  expect(await withdrawn).toBe('textDocument/completion');
});
