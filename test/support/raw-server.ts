/**
 * An HTTP server that is only a socket: what it answers is bytes, so that it can stop, break or lie at any of them.
 * Apart from the fake provider, which always speaks proper HTTP. Each scene has an address of its own: the first part of
 * the path.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawRequest {
  readonly method: string;
  /** Without the scene. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `performance.now()` when it was here whole. */
  readonly receivedAt: number;
}

export interface RawConnection {
  readonly closed: boolean;
  /** Resolves when the kernel took the bytes, or the socket is gone. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Closes properly. */
  end(): void;
  /** Closes by a reset, which throws away what the other side did not read yet. */
  reset(): void;
}

export type Scene = (request: RawRequest, connection: RawConnection) => void | Promise<void>;

export interface RawServer {
  readonly origin: string;
  /** What is to happen at `ORIGIN/NAME/…` from now on; gives that address. */
  play(name: string, scene: Scene): string;
  close(): Promise<void>;
}

export async function startRawServer(): Promise<RawServer> {
  const scenes = new Map<string, Scene>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    readRequests(socket, (request) => {
      const [, name = '', path = '/'] = /^\/([^/]*)(\/.*)$/.exec(request.path) ?? [];
      const scene = scenes.get(name);
      if (scene === undefined) socket.destroy();
      else void scene({ ...request, path }, connectionOf(socket));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    play(name, scene) {
      scenes.set(name, scene);
      return `${origin}/${name}`;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The head of an answer whose body is sent as `chunk`s. */
export function head(type: string, { status = 200, headers = {} }: HeadInit = {}): string {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Said\r\ncontent-type: ${type}\r\n${own.join('')}transfer-encoding: chunked\r\n\r\n`;
}

export interface HeadInit {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function chunk(bytes: string | Uint8Array): Buffer {
  const body = Buffer.from(bytes);
  if (body.length === 0) return body;
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

export const lastChunk = '0\r\n\r\n';

/** A whole answer in one piece. */
export function whole(type: string, body: string, init: HeadInit = {}): Buffer {
  return Buffer.concat([Buffer.from(head(type, init)), chunk(body), Buffer.from(lastChunk)]);
}

function connectionOf(socket: Socket): RawConnection {
  return {
    get closed() {
      return socket.destroyed || !socket.writable;
    },
    write(bytes) {
      if (socket.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          socket.off('close', done);
          resolve();
        };
        socket.once('close', done);
        socket.write(bytes, done);
      });
    },
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
  };
}

/** Requests one after the other on one connection, their bodies by `content-length` or in chunks. */
function readRequests(socket: Socket, onRequest: (request: RawRequest) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    for (let parsed = parse(pending); parsed !== undefined; parsed = parse(pending)) {
      pending = pending.subarray(parsed.length);
      onRequest(parsed.request);
    }
  });
}

function parse(bytes: Buffer): { readonly request: RawRequest; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = bytes.subarray(end + 4);
  const request = (text: string): RawRequest => ({ method, path, headers, body: text, receivedAt: performance.now() });
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'] ?? 0);
    if (body.length < length) return undefined;
    return { request: request(body.toString('utf8', 0, length)), length: end + 4 + length };
  }
  const marker = body.indexOf('0\r\n\r\n');
  if (marker === -1) return undefined;
  return { request: request(body.toString('utf8', 0, marker)), length: end + 4 + marker + 5 };
}
