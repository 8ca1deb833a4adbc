/** How the server begins and ends, as a process: in order, out of order, and when the editor just disappears. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/command-line.ts';
import { type StartOptions, spawnServer, startServer, type TestServer } from '../support/server.ts';
import { startRemote } from './setup.ts';

const processes: ChildProcess[] = [];

afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
});

async function start(options?: StartOptions): Promise<TestServer> {
  const server = await startServer(options);
  processes.push(server.child);
  return server;
}

function spawnSilent(): TestServer {
  const server = spawnServer();
  processes.push(server.child);
  return server;
}

/** A process that does nothing but live. */
function spawnBystander(): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
  processes.push(child);
  if (child.pid === undefined) throw new Error('No process was started.');
  return Object.assign(child, { pid: child.pid });
}

const question = { messages: [{ role: 'user', content: 'Why?' }] };

const code = async (server: TestServer): Promise<number | null> => (await server.exited).code;

describe('the order of a session', () => {
  test('shutdown and exit end it with 0, and nothing on stderr', async () => {
    const server = await start();
    expect(await server.request('shutdown').response).toBeNull();
    server.notify('exit');
    expect(await code(server)).toBe(0);
    expect(server.stderr()).toBe('');
  });

  test('shutdown and exit in one breath are answered all the same', async () => {
    const server = await start();
    const shutdown = server.request('shutdown');
    server.notify('exit');
    expect(await shutdown.response).toBeNull();
    expect(await code(server)).toBe(0);
  });

  test('exit without shutdown ends it with 1, before initialize too', async () => {
    const initialized = await start();
    const fresh = spawnSilent();
    initialized.notify('exit');
    fresh.notify('exit');
    expect(await code(initialized)).toBe(1);
    expect(await code(fresh)).toBe(1);
  });

  test('requests get -32002 before initialize, -32600 after shutdown, and a second initialize -32600', async () => {
    const server = spawnSilent();
    expect(await server.request('textDocument/completion', {}).failure).toMatchObject({ code: -32002 });
    await server.request('initialize', { processId: null, capabilities: {} }).response;
    expect(await server.request('initialize', { processId: null, capabilities: {} }).failure).toMatchObject({
      code: -32600,
    });
    await server.request('shutdown').response;
    expect(await server.request('textDocument/completion', {}).failure).toMatchObject({ code: -32600 });
    expect(await server.request('shutdown').failure).toMatchObject({ code: -32600 });
  });
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s ends it with 1, and takes its temporary files along', async (signal) => {
  const folder = temporaryFolder();
  const server = await start({ environment: { TMPDIR: folder } });
  const uri = 'file:///project/a.ts';
  server.open(uri, 'const a = 1;\n');
  const place = { textDocument: { uri }, position: { line: 0, character: 3 } };
  const shown = new Promise<void>((resolve) => server.handle('window/showDocument', () => resolve()));
  await server.request('workspace/executeCommand', { command: 'inkling.showContext', arguments: [place] }).response;
  await shown;
  expect(readdirSync(folder)).toHaveLength(1);
  server.child.kill(signal);
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(readdirSync(folder)).toEqual([]);
});

describe('an editor that disappears', () => {
  test('and closes the input ends the server', async () => {
    const server = await start();
    server.child.stdin.end();
    expect(await code(server)).toBe(1);
    expect(server.stderr()).toBe('');
  });

  test('before a word was said ends the server', async () => {
    const server = spawnSilent();
    server.child.stdin.end();
    expect(await code(server)).toBe(1);
  });

  test('right behind shutdown, as Neovim does, ends it with 0 and without a stack', async () => {
    const server = await start();
    server.request('shutdown');
    server.child.stdin.end();
    server.child.stdout.destroy();
    expect(await code(server)).toBe(0);
    expect(server.stderr()).toBe('');
  });

  test('and reads no more ends the server at its next word, without a stack', async () => {
    const server = await start();
    server.child.stdout.destroy();
    await once(server.child.stdout, 'close');
    server.request('anything');
    expect(await code(server)).toBe(1);
    expect(server.stderr()).toBe('');
  });

  test('and reads nothing at all, not even stderr, ends the server', async () => {
    const server = await start();
    server.child.stdout.destroy();
    server.child.stderr.destroy();
    await once(server.child.stderr, 'close');
    server.raw('Content-Length: x\r\n\r\n');
    server.request('anything');
    expect(await code(server)).toBe(1);
  });

  test('and leaves the pipes open ends the server by its process id', async () => {
    const editor = spawnBystander();
    const server = await start({ processId: editor.pid });
    editor.kill('SIGKILL');
    expect(await code(server)).toBe(1);
  });

  test('and named itself on the command line ends the server the same way', async () => {
    const editor = spawnBystander();
    const server = await start({ arguments: ['--stdio', `--clientProcessId=${editor.pid}`], processId: null });
    editor.kill('SIGKILL');
    expect(await code(server)).toBe(1);
  });
});

describe('with a chat under way', () => {
  const ends: readonly (readonly [string, number, (server: TestServer) => Promise<void>])[] = [
    ['shutdown and exit end it with 0', 0, (server) => leaveInOrder(server, () => server.notify('exit'))],
    [
      'shutdown and the end of the input end it with 0',
      0,
      (server) => leaveInOrder(server, () => server.child.stdin.end()),
    ],
    ['exit alone ends it with 1', 1, async (server) => server.notify('exit')],
    ['the end of the input ends it with 1', 1, async (server) => void server.child.stdin.end()],
  ];

  async function leaveInOrder(server: TestServer, leave: () => void): Promise<void> {
    await server.request('shutdown').response;
    leave();
  }

  test.each(ends)('%s, and closes the connection and answers the chat', async (_, expected, end) => {
    const { server, fake } = await startRemote();
    const chat = server.request('inkling/chat', { ...question, partialResultToken: 'part' });
    const upstream = await fake.nextRequest();
    await fake.control(upstream).send('Be');
    await server.nextNotification('$/progress', ({ token }) => token === 'part');
    await end(server);
    // The answer shows that the chat was stopped, and not cut off when the time for a farewell was over.
    expect(await chat.failure).toMatchObject({ code: -32800 });
    await upstream.closed;
    expect(await code(server)).toBe(expected);
    expect(server.stderr()).toBe('');
  });

  test.each(ends)('%s, also where the provider takes no notice', async (_, expected, end) => {
    const module = `export default () => ({
      apiVersion: 1, capabilities: { chat: true },
      async *streamChat() { yield { delta: 'Be' }; await new Promise(() => {}); },
    });`;
    const folder = temporaryFolder({ 'provider.mjs': module });
    const settings = {
      provider: 'mine',
      providers: { mine: { kind: 'module', module: join(folder, 'provider.mjs') } },
    };
    const home = temporaryFolder({ 'config.json': JSON.stringify(settings) });
    const server = await start({ arguments: ['--stdio', '--config', join(home, 'config.json')] });
    server.request('inkling/chat', { ...question, partialResultToken: 'part' });
    await server.nextNotification('$/progress', ({ token }) => token === 'part');
    await end(server);
    expect(await code(server)).toBe(expected);
  });
});
