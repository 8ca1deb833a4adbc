/** The four ways in, as editors spell them. */
import { EventEmitter, once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Message } from 'vscode-jsonrpc/node';
import { openChannel, parseTransport } from '../../../src/lsp/transport/channel.ts';
import { createIpcChannel, type IpcProcess } from '../../../src/lsp/transport/ipc-channel.ts';
import { frame } from './support.ts';

describe('the arguments', () => {
  test.each([
    ['--stdio', { kind: 'stdio' }],
    ['--log-level debug --stdio', { kind: 'stdio' }],
    ['--node-ipc', { kind: 'node-ipc' }],
    ['--socket=7000', { kind: 'socket', port: 7000 }],
    ['--socket 7000', { kind: 'socket', port: 7000 }],
    ['--pipe=/tmp/a=b', { kind: 'pipe', name: '/tmp/a=b' }],
    ['--pipe \\\\.\\pipe\\x', { kind: 'pipe', name: '\\\\.\\pipe\\x' }],
    ['--stdio --socket=7000', { kind: 'stdio' }],
  ])('%s', (line, expected) => {
    expect(parseTransport(line.split(' '))).toEqual(expected);
  });

  test.each([
    ['', 'Name a transport'],
    ['--socket', '--socket needs'],
    ['--socket=', '--socket needs'],
    ['--socket=0', '--socket needs'],
    ['--socket=65536', '--socket needs'],
    ['--socket=1e3', '--socket needs'],
    ['--pipe', '--pipe needs'],
    ['--pipe --stdio', '--pipe needs'],
  ])('%j are refused', (line, message) => {
    expect(() => parseTransport(line.split(' '))).toThrow(message);
  });
});

describe('a client that listens', () => {
  let server: Server | undefined;
  const path = join(tmpdir(), `inkling-channel-${process.pid}.sock`);

  afterEach(() => {
    server?.close();
    rmSync(path, { force: true });
  });

  async function listen(where: ListenOptions): Promise<Server> {
    server = createServer().listen(where);
    await once(server, 'listening');
    return server;
  }

  async function converse(client: Server, argv: string[]): Promise<void> {
    const connected = once(client, 'connection');
    const { reader, writer } = openChannel(argv);
    const [socket] = (await connected) as [Socket];
    const message = new Promise((resolve) => reader.listen(resolve));
    const closed = new Promise<void>((resolve) => reader.onClose(resolve));
    socket.write(frame({ id: 1 }));
    expect(await message).toEqual({ id: 1 });
    await writer.write({ jsonrpc: '2.0' });
    const [bytes] = await once(socket, 'data');
    expect(String(bytes)).toBe('Content-Length: 17\r\n\r\n{"jsonrpc":"2.0"}');
    socket.end();
    await closed;
  }

  test('on a port is connected to', async () => {
    const client = await listen({ host: '127.0.0.1', port: 0 });
    const address = client.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await converse(client, [`--socket=${port}`]);
  });

  test.skipIf(process.platform === 'win32')('on a pipe is connected to', async () => {
    await converse(await listen({ path }), [`--pipe=${path}`]);
  });

  test('no longer is an end, not a crash', async () => {
    const { reader, writer } = openChannel([`--pipe=${path}`]);
    const errors: Error[] = [];
    reader.onError((error) => errors.push(error));
    await Promise.all([
      new Promise<void>((resolve) => reader.onClose(resolve)),
      new Promise<void>((resolve) => writer.onClose(resolve)),
    ]);
    expect(errors).toMatchObject([{ code: 'ENOENT' }]);
  });
});

describe('--node-ipc', () => {
  function open() {
    const ipc = new EventEmitter();
    const sent: unknown[] = [];
    const send: IpcProcess['send'] = (message, _handle, _options, done) => {
      sent.push(message);
      done(null);
      return true;
    };
    return { ipc, sent, ...createIpcChannel(Object.assign(ipc, { send })) };
  }

  test('carries messages both ways, and nothing that is none', async () => {
    const { ipc, sent, reader, writer } = open();
    const received: Message[] = [];
    reader.listen((message) => received.push(message));
    for (const message of [{ id: 1 }, 'text', null, 5]) ipc.emit('message', message);
    await writer.write({ jsonrpc: '2.0' });
    expect(received).toEqual([{ id: 1 }]);
    expect(sent).toEqual([{ jsonrpc: '2.0' }]);
  });

  test('ends with the channel', () => {
    const { ipc, reader } = open();
    let isClosed = false;
    reader.onClose(() => {
      isClosed = true;
    });
    ipc.emit('disconnect');
    expect(isClosed).toBe(true);
  });

  test('needs a channel', () => {
    if (process.send !== undefined) return;
    expect(() => openChannel(['--node-ipc'])).toThrow('IPC');
  });
});
