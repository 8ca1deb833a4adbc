/**
 * A provider that does what a test tells it to: an HTTP server on loopback that speaks the OpenAI wire (and any bytes at all).
 * Apart from the tests because every layer, from an adapter to a whole editor session, is tested against it.
 *
 *     const fake = await startFakeProvider({ respond: streamText('hello') });   // answers everything by itself
 *
 *     const fake = await startFakeProvider();                                   // or step by step, without sleeping:
 *     const request = await fake.nextRequest();
 *     const stream = fake.control(request);
 *     await stream.send('foo');
 *     await stream.end();
 *     await request.closed;
 */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { answerBody, deltaEvent, endEvents, type FakeUsage, type FakeWire, wireOf } from './fake-openai-wire.ts';

export interface FakeRequest {
  readonly method: string;
  /** With the query string, for example `/v1/chat/completions`. */
  readonly path: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  /** The body as it came. */
  readonly text: string;
  /** The body as JSON; an empty object where it is none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** `performance.now()` when the whole request was here. */
  readonly receivedAt: number;
  /** 1 for the first connection the server saw, 2 for the second; equal where a connection was reused. */
  readonly connection: number;
  /** Resolves with `performance.now()` when the socket closes, whoever closed it. */
  readonly closed: Promise<number>;
}

/** One request and everything that can be done to it. Writes resolve when the kernel has taken the bytes or the socket is gone. */
export interface FakeExchange {
  readonly request: FakeRequest;
  /** True once the socket is gone. */
  readonly isClosed: boolean;
  /** Sends the status and headers; implied by every other call (200, `text/event-stream` if the request asked to stream). */
  head(status?: number, headers?: OutgoingHttpHeaders): Promise<void>;
  /** One piece of answer text in the shape of the request's endpoint. */
  send(text: string): Promise<void>;
  /** One SSE event with this data; an object becomes JSON. */
  event(data: unknown, name?: string): Promise<void>;
  /** Body bytes as they are. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** The wire's proper end: finish reason, usage, `[DONE]`; for a unary request the whole JSON answer of what was sent. */
  end(ending?: FakeEnding): Promise<void>;
  /** Ends the HTTP message as it stands, with no terminal marker. */
  close(): Promise<void>;
  /** Destroys the socket. */
  die(): void;
  /** Bytes straight to the socket, instead of an HTTP response, then closes it. */
  raw(bytes: string | Uint8Array): Promise<void>;
}

export interface FakeEnding {
  /** Default `stop`. */
  readonly finish?: string;
  readonly usage?: FakeUsage;
}

export type FakeResponder = (exchange: FakeExchange) => void | Promise<void>;

export interface FakeProviderOptions {
  /** Absent: nothing is answered until `control` is used. */
  readonly respond?: FakeResponder;
  /**
   * What a vendor asks of its server before it can do its work, with its answer: neither recorded nor handed out.
   * `undefined` for every request that is to be seen.
   */
  readonly aside?: (request: FakeRequest) => FakeResponder | undefined;
  /** PEM; makes the server speak TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Default 0: any free one. */
  readonly port?: number;
}

export interface FakeProvider {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly FakeRequest[];
  /** How many connections were opened so far. */
  readonly connections: number;
  /** The oldest request not handed out yet; waits for one. */
  nextRequest(): Promise<FakeRequest>;
  control(request: FakeRequest): FakeExchange;
  /** Replaces the responder for the requests to come. */
  respond(responder: FakeResponder | undefined): void;
  /** Destroys every connection and stops listening. */
  close(): Promise<void>;
}

interface Connection {
  readonly number: number;
  readonly closed: Promise<number>;
}

export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const requests: FakeRequest[] = [];
  const exchanges = new Map<FakeRequest, FakeExchange>();
  const connections = new Map<Socket, Connection>();
  const waiting: ((request: FakeRequest) => void)[] = [];
  let responder = options.respond;
  let handedOut = 0;
  let opened = 0;

  const onRequest = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const connection = connections.get(message.socket) ?? adopt(message.socket);
    const request = await readRequest(message, connection);
    if (request === undefined) return;
    const exchange = createExchange(request, response);
    const aside = options.aside?.(request);
    if (aside !== undefined) return aside(exchange);
    exchanges.set(request, exchange);
    requests.push(request);
    const waiter = waiting.shift();
    if (waiter !== undefined) {
      handedOut++;
      waiter(request);
    }
    await responder?.(exchange);
  };
  const adopt = (socket: Socket): Connection => {
    opened++;
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
    const connection = { number: opened, closed };
    connections.set(socket, connection);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => connections.delete(socket));
    return connection;
  };
  const listener = (message: IncomingMessage, response: ServerResponse) => {
    void onRequest(message, response);
  };
  const server = options.tls === undefined ? createServer(listener) : createSecureServer(options.tls, listener);
  server.keepAliveTimeout = 0;
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', adopt);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;

  return {
    port,
    origin,
    url: `${origin}/v1`,
    requests,
    get connections() {
      return opened;
    },
    nextRequest() {
      const next = requests[handedOut];
      if (next === undefined) return new Promise((resolve) => waiting.push(resolve));
      handedOut++;
      return Promise.resolve(next);
    },
    control(request) {
      const exchange = exchanges.get(request);
      if (exchange === undefined) throw new Error('This request did not come to this fake provider.');
      return exchange;
    },
    respond(next) {
      responder = next;
    },
    close() {
      for (const socket of connections.keys()) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Undefined when the client left before the request was whole. */
async function readRequest(message: IncomingMessage, connection: Connection): Promise<FakeRequest | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of message) parts.push(part as Buffer);
  } catch {
    return undefined;
  }
  const text = Buffer.concat(parts).toString('utf8');
  return {
    method: message.method ?? '',
    path: message.url ?? '',
    headers: message.headers,
    text,
    body: parseObject(text),
    receivedAt: performance.now(),
    connection: connection.number,
    closed: connection.closed,
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function createExchange(request: FakeRequest, response: ServerResponse): FakeExchange {
  const wire: FakeWire = wireOf(request.path);
  const streams = request.body['stream'] === true;
  let collected = '';
  let gone = false;
  void request.closed.then(() => {
    gone = true;
  });

  /** Runs a write and waits for its callback, or for the socket to go. */
  const settled = (start: (done: () => void) => void): Promise<void> =>
    gone ? Promise.resolve() : Promise.race([new Promise<void>(start), request.closed.then(() => {})]);
  const write = (bytes: string | Uint8Array): Promise<void> => {
    if (!response.headersSent) writeHead();
    return settled((done) => response.write(bytes, () => done()));
  };
  const writeHead = (status = 200, headers: OutgoingHttpHeaders = {}) => {
    response.writeHead(status, { 'content-type': streams ? 'text/event-stream' : 'application/json', ...headers });
  };
  const event = (data: unknown, name?: string): Promise<void> => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    return write(`${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`);
  };
  const close = (): Promise<void> => {
    if (!response.headersSent) writeHead();
    return settled((done) => response.end(() => done()));
  };

  return {
    request,
    get isClosed() {
      return gone;
    },
    head(status, headers) {
      writeHead(status, headers);
      response.flushHeaders();
      return Promise.resolve();
    },
    send(text) {
      collected += text;
      return streams ? event(deltaEvent(wire, text)) : Promise.resolve();
    },
    event,
    write,
    async end(ending = {}) {
      if (streams) {
        for (const data of endEvents(wire, ending.finish ?? 'stop', ending.usage)) await event(data);
      } else {
        await write(JSON.stringify(answerBody(wire, collected, ending.finish ?? 'stop', ending.usage)));
      }
      await close();
    },
    close,
    die() {
      response.socket?.destroy();
    },
    raw(bytes) {
      const { socket } = response;
      return settled((done) => (socket === null ? done() : socket.end(bytes, () => done())));
    },
  };
}
