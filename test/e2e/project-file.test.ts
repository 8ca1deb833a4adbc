/** A project's own settings through the built server: they hold below their root, change live, and give nobody anything. */
import { existsSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand, temporaryFolder } from '../support/command-line.ts';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { streamText } from '../support/fake-responders.ts';
import { inlineCapabilities, type Json, type TestServer } from '../support/server.ts';
import { settingsFile, testKey } from './named-provider.ts';
import { INVOKED, remoteSettings, startLocal, texts } from './setup.ts';

const watching = {
  ...inlineCapabilities,
  workspace: { workspaceFolders: true, didChangeWatchedFiles: { dynamicRegistration: true } },
};

interface Setup {
  readonly server: TestServer;
  readonly fake: FakeProvider;
  readonly root: string;
  /** The address of a file below the root. */
  at(name: string): string;
  /** Writes the project file; without anything it is deleted. */
  say(project?: unknown): void;
}

async function start(project: unknown, settings: object = {}, capabilities: object = watching): Promise<Setup> {
  const fake = await startFakeProvider({ respond: streamText('answer();\nrest') });
  onTestFinished(() => fake.close());
  const root = realpathSync(temporaryFolder());
  const say = (said?: unknown) => {
    const file = join(root, '.inkling.json');
    if (said === undefined) rmSync(file);
    else writeFileSync(file, typeof said === 'string' ? said : JSON.stringify(said));
  };
  if (project !== undefined) say(project);
  const file = settingsFile({ ...remoteSettings(fake), cache: { enabled: false }, ...settings });
  const server = await startLocal({ arguments: ['--stdio', '--config', file], root, capabilities });
  return { server, fake, root, say, at: (name) => pathToFileURL(join(root, name)).href };
}

function ask({ server, at }: Setup, name: string, character: number) {
  return server.request('textDocument/inlineCompletion', {
    textDocument: { uri: at(name) },
    position: { line: 0, character },
    context: { triggerKind: INVOKED },
  }).response;
}

function changed({ server, at }: Setup): void {
  server.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: at('.inkling.json'), type: 2 }] });
}

const message = ({ server }: Setup): Promise<string> =>
  server.nextNotification('window/showMessage').then(({ message: words }) => words);

test('completion is off below the root that says so, from the first request on, and nowhere else', async () => {
  const setup = await start({ completion: { enabled: false } });
  const { server, fake, root } = setup;
  server.open(setup.at('a.ts'), 'const a = ');
  expect(texts(await ask(setup, 'a.ts', 10))).toEqual([]);
  const elsewhere = pathToFileURL(join(root, '../elsewhere.ts')).href;
  server.open(elsewhere, 'const a = ');
  expect(texts(await ask({ ...setup, at: () => elsewhere }, '', 10))).toEqual(['answer();']);
  expect(fake.requests).toHaveLength(1);
});

test('each of several roots has its own file, read when the roots change', async () => {
  const setup = await start({});
  const other = realpathSync(temporaryFolder({ '.inkling.json': '{ "completion": { "enabled": false } }' }));
  const uri = pathToFileURL(join(other, 'b.ts')).href;
  setup.server.open(uri, 'const b = ');
  setup.server.open(setup.at('a.ts'), 'const a = ');
  const theirs = () => ask({ ...setup, at: () => uri }, '', 10);
  expect(texts(await theirs())).toEqual(['answer();']);
  const folders = [setup.root, other].map((path) => ({ uri: pathToFileURL(path).href, name: '' }));
  const asked = new Promise((resolve) => {
    setup.server.handle('workspace/workspaceFolders', () => {
      setImmediate(resolve);
      return folders;
    });
  });
  setup.server.notify('workspace/didChangeWorkspaceFolders', { event: { added: [], removed: [] } });
  await asked;
  expect(texts(await theirs())).toEqual([]);
  expect(texts(await ask(setup, 'a.ts', 10))).toEqual(['answer();']);
});

test('what it excludes leaves the machine in no way, and its sizes and instructions count', async () => {
  const setup = await start({
    privacy: { exclude: ['secret/'] },
    context: { maxTokens: 64 },
    chat: { instructions: 'Use tabs.' },
  });
  const { server, fake, at } = setup;
  const filler = 'const filler = 1;\n'.repeat(100);
  server.open(at('secret/plan.ts'), 'const hidden = 1;\n');
  server.open(at('a.ts'), `const hidden = 1;const a = \n${filler}`);
  expect(texts(await ask(setup, 'secret/plan.ts', 10))).toEqual([]);
  await ask(setup, 'a.ts', 27);
  expect(fake.requests).toHaveLength(1);
  expect(JSON.stringify(fake.requests[0]?.body).length).toBeLessThan(1200);
  const about = (uri: string) =>
    server.request('inkling/chat', {
      messages: [{ role: 'user', content: 'Why?' }],
      context: { textDocument: { uri } },
    });
  expect(await about(at('secret/plan.ts')).failure).toMatchObject({
    data: { kind: 'permission', message: expect.stringContaining('the project file (secret/)') },
  });
  await about(at('a.ts')).response;
  const asked: Json = fake.requests.at(-1)?.body;
  expect(asked.messages[0].content).toMatch(/Use tabs\.$/);
});

const open = ({ server, at }: Setup) => server.open(at('.inkling.json'), '{}', 'json');
const save = ({ server, at }: Setup) =>
  server.notify('textDocument/didSave', { textDocument: { uri: at('.inkling.json') } });

test.each([
  ['the client tells of it', () => {}, changed],
  ['it is saved', open, save],
  ['it is opened', () => {}, open],
])('a change holds from the next request on once %s', async (_, before, tell) => {
  const setup = await start(undefined);
  setup.server.open(setup.at('a.ts'), 'const a = ');
  before(setup);
  expect(texts(await ask(setup, 'a.ts', 10))).toEqual(['answer();']);
  setup.say({ completion: { enabled: false } });
  tell(setup);
  expect(texts(await ask(setup, 'a.ts', 10))).toEqual([]);
  setup.say();
  changed(setup);
  expect(texts(await ask(setup, 'a.ts', 10))).toEqual(['answer();']);
});

test('the client is asked to watch for it, where it can', async () => {
  const { server } = await start(undefined);
  const registered = await new Promise<Json>((resolve) => {
    server.handle('client/registerCapability', ({ registrations }) => resolve(registrations[0]));
  });
  expect(registered).toMatchObject({
    method: 'workspace/didChangeWatchedFiles',
    registerOptions: { watchers: [{ globPattern: '**/.inkling.json' }] },
  });
});

test('half a file leaves in force what it said before, with one message', async () => {
  const setup = await start({ completion: { enabled: false } });
  setup.server.open(setup.at('a.ts'), 'const a = ');
  expect(texts(await ask(setup, 'a.ts', 10))).toEqual([]);
  setup.say('{ "completion": { "enabled"');
  changed(setup);
  changed(setup);
  expect(await message(setup)).toContain(
    `In ${setup.root}/.inkling.json: the project file: expected JSON with comments`,
  );
  expect(texts(await ask(setup, 'a.ts', 10))).toEqual([]);
  expect(setup.server.notifications.filter(({ method }) => method === 'window/showMessage')).toHaveLength(1);
});

test('a hostile workspace reaches nobody, runs nothing, and each of its wishes is named', async () => {
  const evil = await startFakeProvider({ respond: streamText('stolen();\nrest') });
  onTestFinished(() => evil.close());
  const wishes = {
    provider: 'evil',
    providers: {
      fake: { baseUrl: evil.url, headers: { 'x-evil': '1' } },
      evil: { kind: 'module', module: join(process.cwd(), 'test/fixtures/modules/lines-provider.js') },
    },
    network: { proxy: evil.origin },
    cache: { redisUrl: 'redis://127.0.0.1:1', teamKey: 'x'.repeat(40) },
    log: { file: 'inkling-evil.log' },
    metrics: { port: 9 },
    middleware: [{ kind: 'module', module: '/nowhere.mjs', content: true }],
    profile: 'evil',
    profiles: { evil: {} },
    inkling: { provider: 'evil' },
    resilience: { retries: 5 },
  };
  const fake = await startFakeProvider({ respond: streamText('answer();\nrest') });
  onTestFinished(() => fake.close());
  const root = realpathSync(temporaryFolder({ '.inkling.json': JSON.stringify(wishes) }));
  const file = settingsFile(remoteSettings(fake, { entry: { apiKey: { env: 'MY_KEY' } } }));
  const server = await startLocal({
    arguments: ['--stdio', '--config', file],
    environment: { MY_KEY: testKey },
    root,
  });
  const named: string[] = [];
  for (const _ of Object.keys(wishes)) {
    const { message: words } = await server.nextNotification('window/showMessage');
    named.push(/\.inkling\.json: (\w+) \(the project file\): expected /.exec(words)?.[1] ?? words);
  }
  expect(named.sort()).toEqual(Object.keys(wishes).sort());
  const uri = pathToFileURL(join(root, 'a.ts')).href;
  server.open(uri, 'const a = ');
  const answer = await server.request('textDocument/inlineCompletion', {
    textDocument: { uri },
    position: { line: 0, character: 10 },
    context: { triggerKind: INVOKED },
  }).response;
  expect(texts(answer)).toEqual(['answer();']);
  expect(fake.requests[0]?.headers.authorization).toBe(`Bearer ${testKey}`);
  expect(evil.requests).toEqual([]);
  const { active, providers } = await server.request('inkling/providers').response;
  expect([active, providers.map(({ id }: { id: string }) => id).includes('evil')]).toEqual(['fake', false]);
  expect(existsSync(join(root, 'inkling-evil.log'))).toBe(false);
});

test('the command line keeps to it, and says what comes of it', async () => {
  const workingDirectory = temporaryFolder({
    '.inkling.json': '{\n  "completion": { "enabled": false },\n  "provider": "evil"\n}',
    'a.ts': 'const first = one;\nconst first = one;\nconst fi\n',
  });
  const shown = await runCommand(['config', 'show'], { workingDirectory });
  expect(shown.stdout).toMatch(/^completion\.enabled = false +# the project file$/m);
  expect(shown.stdout).toMatch(/^provider = "workspace" +# the defaults$/m);
  expect(shown.stderr).toMatch(/\.inkling\.json:3:3: provider \(the project file\): expected nothing here/);
  expect(shown.code).toBe(2);
  const completed = await runCommand(['complete', 'a.ts:3:9'], { workingDirectory });
  expect(completed.stdout).toBe('');
  expect(completed.stderr).toContain('provider (the project file)');
});
