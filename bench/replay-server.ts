/**
 * Answers every request with the bytes another server gave for the same one: asked once, then from memory, in one write.
 * Apart from the fakes, which make each answer anew and part by part: what they take would hide what is measured.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as `fetch` can send it again. */
export interface SeenRequest {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Recording {
  readonly status: number;
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface ReplayServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly connections: number;
  /** The newest request that was sent with a body. */
  lastPost(): SeenRequest;
  close(): Promise<void>;
}

/** What belongs to the connection, and `fetch` writes itself. */
const ofConnection: ReadonlySet<string> = new Set(
  'accept-encoding connection content-length host keep-alive transfer-encoding'.split(' '),
);

export async function startReplayServer(original: string): Promise<ReplayServer> {
  const recordings = new Map<string, Promise<Recording>>();
  let last: { readonly message: IncomingMessage; readonly body: string } | undefined;
  let connections = 0;

  async function answer(message: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const path = message.url ?? '/';
    const name = `${message.method} ${path}\n${body}`;
    let recording = recordings.get(name);
    if (recording === undefined) {
      recording = record(`${original}${path}`, message, body);
      recordings.set(name, recording);
    }
    const { status, type, bytes } = await recording;
    response.writeHead(status, { 'content-type': type }).end(bytes);
  }

  const server = createServer((message, response) => {
    const parts: Buffer[] = [];
    message.on('data', (part: Buffer) => parts.push(part));
    message.on('error', () => undefined);
    message.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      if (message.method === 'POST') last = { message, body };
      answer(message, body, response).catch(() => response.destroy());
    });
  });
  // Longer than any part takes: who is measured decides when a connection is given up.
  server.keepAliveTimeout = 120_000;
  server.on('connection', (socket) => {
    connections += 1;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    get connections() {
      return connections;
    },
    lastPost() {
      if (last === undefined) throw new Error('Nothing was sent yet.');
      const { message, body } = last;
      return { url: `${origin}${message.url}`, body, headers: headersOf(message) };
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function record(url: string, message: IncomingMessage, body: string): Promise<Recording> {
  const { method = 'GET' } = message;
  const response = await fetch(url, { method, headers: headersOf(message), ...(body === '' ? {} : { body }) });
  const type = response.headers.get('content-type') ?? 'application/json';
  return { status: response.status, type, bytes: new Uint8Array(await response.arrayBuffer()) };
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !ofConnection.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
