/** The ways in besides stdio, spoken to by the library that editors use. */
import { type ChildProcess, type ForkOptions, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  createClientPipeTransport,
  createClientSocketTransport,
  createMessageConnection,
  generateRandomPipeName,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageReader,
  type MessageWriter,
} from 'vscode-languageserver/node';
import { program, spawnServer } from '../support/server.ts';

type Transport = readonly [MessageReader, MessageWriter];

const environment = { PATH: process.env['PATH'], HOME: join(tmpdir(), 'inkling-no-home') };
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(...argv: string[]): ChildProcess {
  const child = spawn(process.execPath, [program, ...argv], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  return child;
}

async function holdSession([reader, writer]: Transport, child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  const connection = createMessageConnection(reader, writer);
  connection.listen();
  const initialized = await connection.sendRequest<object>('initialize', { processId: process.pid, capabilities: {} });
  expect(initialized).toHaveProperty('capabilities');
  await connection.sendNotification('initialized', {});
  expect(await connection.sendRequest('shutdown')).toBeNull();
  await connection.sendNotification('exit');
  expect(await exited).toEqual([0, null]);
  connection.dispose();
}

test.each([
  ['--socket=PORT', (port: number) => [`--socket=${port}`]],
  ['--socket PORT', (port: number) => ['--socket', String(port)]],
])('%s', async (_, argv) => {
  const transport = await createClientSocketTransport(0);
  const child = run(...argv(transport.port()));
  await holdSession(await transport.onConnected(), child);
});

test('--pipe=NAME', async () => {
  const name = generateRandomPipeName();
  const transport = await createClientPipeTransport(name);
  const child = run(`--pipe=${name}`);
  await holdSession(await transport.onConnected(), child);
});

const forkOptions: ForkOptions = { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] };

test('--node-ipc', async () => {
  const child = fork(program, ['--node-ipc'], forkOptions);
  children.push(child);
  await holdSession([new IPCMessageReader(child), new IPCMessageWriter(child)], child);
});

test('--node-ipc ends with its channel', async () => {
  const child = fork(program, ['--node-ipc'], forkOptions);
  children.push(child);
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  child.disconnect();
  expect(await exited).toEqual([1, null]);
});

test.each([['--socket=none'], ['--pipe=']])('%s is wrong usage: one sentence and exit code 2', async (flag) => {
  const server = spawnServer({ arguments: [flag] });
  expect(await server.exited).toEqual({ code: 2, signal: null });
  expect(server.stderr()).toMatch(/^inkling: .+\n$/);
});
