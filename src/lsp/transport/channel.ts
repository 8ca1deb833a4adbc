/** From the command line to the two ends of the conversation: stdio, a socket, a named pipe or Node's own channel. */
import { connect, type Socket } from 'node:net';
import type { MessageReader, MessageWriter } from 'vscode-jsonrpc/node';
import { createIpcChannel } from './ipc-channel.ts';
import { createMessageReader } from './message-reader.ts';
import { createMessageWriter } from './message-writer.ts';
import { installStdoutGuard } from './stdout-guard.ts';

export interface Channel {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
}

export type Transport =
  | { readonly kind: 'stdio' }
  | { readonly kind: 'node-ipc' }
  | { readonly kind: 'socket'; readonly port: number }
  | { readonly kind: 'pipe'; readonly name: string };

const LOOPBACK = '127.0.0.1';
const HIGHEST_PORT = 65_535;

/**
 * Opens what the arguments ask for. As in the library, the client listens and the server connects to its port or pipe.
 * Throws where `parseTransport` does, and for `--node-ipc` without a channel.
 */
export function openChannel(argv: readonly string[]): Channel {
  const transport = parseTransport(argv);
  switch (transport.kind) {
    case 'stdio':
      return {
        reader: createMessageReader(process.stdin),
        writer: createMessageWriter(installStdoutGuard()),
      };
    case 'node-ipc':
      if (process.send === undefined) throw new Error('--node-ipc needs a parent that opened an IPC channel.');
      return createIpcChannel(process);
    case 'socket':
      return overSocket(connect({ port: transport.port, host: LOOPBACK, noDelay: true }));
    case 'pipe':
      return overSocket(connect({ path: transport.name }));
  }
}

function overSocket(socket: Socket): Channel {
  return { reader: createMessageReader(socket), writer: createMessageWriter(socket) };
}

/** The first transport that the arguments name. Throws an Error fit for the user when there is none, or it lacks its value. */
export function parseTransport(argv: readonly string[]): Transport {
  for (const [index, argument] of argv.entries()) {
    const [flag, inline] = splitOnce(argument);
    const value = inline ?? argv[index + 1];
    if (flag === '--stdio') return { kind: 'stdio' };
    if (flag === '--node-ipc') return { kind: 'node-ipc' };
    if (flag === '--socket') return { kind: 'socket', port: parsePort(value) };
    if (flag === '--pipe') return { kind: 'pipe', name: parseName(value) };
  }
  throw new Error('Name a transport: --stdio, --socket=PORT, --pipe=NAME or --node-ipc.');
}

function splitOnce(argument: string): [flag: string, value: string | undefined] {
  const at = argument.indexOf('=');
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function parsePort(value: string | undefined): number {
  const port = /^\d+$/.test(value ?? '') ? Number(value) : 0;
  if (port < 1 || port > HIGHEST_PORT) throw new Error('--socket needs a port from 1 to 65535.');
  return port;
}

function parseName(value: string | undefined): string {
  if (value === undefined || value === '' || value.startsWith('--'))
    throw new Error('--pipe needs the name of a pipe.');
  return value;
}
