/** The settings' list of who is told of calls, through the built server: who is told what, and that no call ever notices. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { codeBlocks } from '../support/documentation.ts';
import { startFakeProvider } from '../support/fake-provider.ts';
import { streamText } from '../support/fake-responders.ts';
import { writeObserver } from '../support/observer-thread.ts';
import type { TestServer } from '../support/server.ts';
import { settingsFile } from './named-provider.ts';
import { inline, remoteSettings, startLocal, texts, uri } from './setup.ts';

const [documented = ''] = codeBlocks('middleware.md', 'js');
const question = { messages: [{ role: 'user', content: 'secret question' }] };

/** A user file with this list, and a provider that always answers the same. */
async function start(middleware: readonly object[], settings: object = {}): Promise<TestServer> {
  const fake = await startFakeProvider({ respond: streamText('secret answer') });
  onTestFinished(() => fake.close());
  const file = settingsFile({ ...remoteSettings(fake), cache: { enabled: false }, middleware, ...settings });
  return startLocal({ arguments: ['--stdio', '--config', file] });
}

async function answer(server: TestServer): Promise<string> {
  return (await server.request('inkling/chat', question).response).message.content;
}

function logged(server: TestServer, words: string): Promise<string> {
  return server
    .nextNotification('window/logMessage', ({ message }) => message.includes(words))
    .then(({ message }) => message);
}

test('the documented module records each call, and its end, without text', async () => {
  const { module, file, records } = writeObserver(documented);
  const server = await start([{ kind: 'module', module, options: { file } }]);
  expect(await answer(server)).toBe('secret answer');
  server.open(uri, 'const secret = ');
  expect(texts(await inline(server, 0, 15).response)).toEqual(['secret answer']);
  await vi.waitFor(() => expect(records()).toHaveLength(2), { timeout: 10_000 });
  expect(records()).toMatchObject([
    { provider: 'fake', model: 'fake-model-1', feature: 'chat', state: 'done', finishReason: 'stop' },
    { provider: 'fake', model: 'fake-model-1', feature: 'completion', state: 'done' },
  ]);
  expect(JSON.stringify(records())).not.toContain('secret');
  await server.request('shutdown').response;
  server.notify('exit');
  await server.exited;
  expect(records().at(-1)).toMatchObject({ closed: true });
});

test('text is told where the user file says so, and it is what the provider got', async () => {
  const { module, file, records } = writeObserver(`
    import { appendFileSync } from 'node:fs';
    let request;
    export default ({ options }) => ({
      callStarted(call) { request = call.request; },
      callEnded: (_, { answer }) => appendFileSync(options.file, JSON.stringify({ request, answer }) + '\\n'),
    });`);
  const server = await start([{ kind: 'module', module, content: true, options: { file } }]);
  const key = `ghp_${'a1'.repeat(18)}`;
  await server.request('inkling/chat', { messages: [{ role: 'user', content: `Is ${key} a key?` }] }).response;
  await vi.waitFor(() => expect(records()).toHaveLength(1), { timeout: 10_000 });
  const [{ request, answer: told }] = records() as [{ request: { messages: object[] }; answer: string }];
  expect(request.messages.at(-1)).toMatchObject({ role: 'user', content: expect.stringMatching(/^Is .{40} a key\?$/) });
  expect(JSON.stringify(request)).not.toContain(key);
  expect(told).toBe('secret answer');
});

test('the log has one line for each call', async () => {
  const server = await start([{ kind: 'log' }]);
  await answer(server);
  const line = await logged(server, 'Provider call.');
  expect(line).toMatch(/provider="fake" model="fake-coder" feature="chat" outcome="done" time=\d+ /);
  expect(line).not.toContain('secret');
});

test.each([
  ['never pauses', 'for (;;);'],
  ['never resolves', 'return new Promise(() => {});'],
  ['throws', 'throw new Error("secret");'],
  ['leaves a rejection to nobody', 'Promise.reject(new Error("secret"));'],
  ['ends its thread', 'process.exit(1);'],
  [
    'prints and logs without end',
    'for (let line = 0; line < 20_000; line++) { console.log("noise"); log.info("noise"); }',
  ],
])('one that %s in every hook disturbs no call', async (_, deed) => {
  const { module } = writeObserver(`
    export default ({ log }) => {
      const hook = (name) => () => { log.info('in ' + name); ${deed} };
      return { callStarted: hook('callStarted'), firstPart: hook('firstPart'), callEnded: hook('callEnded') };
    };`);
  const server = await start([{ kind: 'module', module }, { kind: 'log' }]);
  const begun = logged(server, 'in callStarted');
  expect(await answer(server)).toBe('secret answer');
  await begun;
  for (let count = 0; count < 8; count++) expect(await answer(server)).toBe('secret answer');
  expect((await server.request('inkling/stats').response).providers.fake).toMatchObject({ requests: 9, errors: {} });
  const lines = server.notifications
    .map(({ params }) => params?.message ?? '')
    .filter((line) => line.includes('Provider call.'));
  expect(lines).toHaveLength(9);
  expect(server.stderr()).not.toContain('secret');
});

test('a module that cannot be used is named once, and calls go on', async () => {
  const { module } = writeObserver('throw new Error("no licence");');
  const server = await start([{ kind: 'module', module }]);
  expect(await answer(server)).toBe('secret answer');
  expect(await logged(server, 'cannot be used')).toMatch(
    /middleware module .*observer\.mjs cannot be used: .*no licence/,
  );
  expect(await answer(server)).toBe('secret answer');
});

test('a changed list holds from the next call on, and who is no longer on it is disposed', async () => {
  const { module, file, records } = writeObserver(documented);
  const server = await start([{ kind: 'module', module, options: { file } }]);
  const change = (inkling: object) => server.notify('workspace/didChangeConfiguration', { settings: { inkling } });
  await answer(server);
  await vi.waitFor(() => expect(records()).toHaveLength(1), { timeout: 10_000 });
  change({ middleware: [{ kind: 'log' }] });
  await answer(server);
  expect(await logged(server, 'Provider call.')).toContain('outcome="done"');
  await vi.waitFor(() => expect(records().at(-1)).toMatchObject({ closed: true }));
  change({ log: { level: 'info' } });
  await answer(server);
  await vi.waitFor(() => expect(records()).toMatchObject([{}, { closed: true }, { feature: 'chat' }]), {
    timeout: 10_000,
  });
});

test.each([
  ['a module', { kind: 'module', module: '/project/observer.mjs' }],
  ['content', { kind: 'openTelemetry', content: true }],
])('%s is refused from an editor, once, and the list of the user file stays', async (_, entry) => {
  const server = await start([{ kind: 'log' }]);
  const refused = { settings: { inkling: { middleware: [entry] } } };
  server.notify('workspace/didChangeConfiguration', refused);
  const { message } = await server.nextNotification('window/showMessage');
  expect(message).toMatch(/middleware \(the editor's settings\): .* in the user file alone/);
  server.notify('workspace/didChangeConfiguration', refused);
  await answer(server);
  await logged(server, 'Provider call.');
  expect(server.notifications.filter(({ method }) => method === 'window/showMessage')).toHaveLength(1);
});
