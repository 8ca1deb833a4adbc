/** The transport against real sockets on loopback: limits, redirects, closing, keep-alive, proxies, certificates. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import {
  createHttpTransport,
  type HttpTransport,
  type HttpTransportOptions,
} from '../../../src/providers/http/transport.ts';
import { type FakeProvider, type FakeProviderOptions, startFakeProvider } from '../../support/fake-provider.ts';
import { errorStatus, json, raw, redirect } from '../../support/fake-responders.ts';

const running: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((thing) => thing.close()));
});

async function start(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const fake = await startFakeProvider(options);
  running.push(fake);
  return fake;
}

function transportWith(options: Partial<HttpTransportOptions> = {}): HttpTransport {
  const transport = createHttpTransport({ environment: () => undefined, ...options });
  running.push({ close: () => transport.dispose() });
  return transport;
}

const never = new AbortController().signal;

function get(transport: HttpTransport, url: string, signal = never) {
  return transport.request({ provider: 'p', method: 'GET', url, headers: { authorization: 'Bearer k' }, signal });
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

async function failure(promise: Promise<unknown>): Promise<AiError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AiError)) throw new Error(`Not an AiError: ${String(error)}`, { cause: error });
  return error;
}

test('an answer and its headers come through, and the connection is used again', async () => {
  const fake = await start({ respond: json({ ok: true }, { 'x-request-id': 'r1' }) });
  const transport = transportWith();
  for (let call = 0; call < 3; call++) {
    const answer = await get(transport, `${fake.url}/models?a=1`);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.header('x-request-id')).toBe('r1');
    expect(await readAll(answer.body)).toBe('{"ok":true}');
    await new Promise(setImmediate);
  }
  expect(fake.requests.map((request) => request.connection)).toEqual([1, 1, 1]);
  expect(fake.requests[0]?.path).toBe('/v1/models?a=1');
});

test('fetch sends and answers what SDKs expect of it', async () => {
  const fake = await start({ respond: errorStatus(429, { error: 1 }, { 'retry-after': '3' }) });
  const answer = await transportWith().fetchFor('p')(`${fake.url}/x`, {
    method: 'post',
    body: '{}',
    headers: { a: 'b' },
  });
  expect(answer.status).toBe(429);
  expect(answer.headers.get('retry-after')).toBe('3');
  expect(await answer.json()).toEqual({ error: 1 });
  expect(fake.requests[0]).toMatchObject({ method: 'POST', text: '{}', headers: { a: 'b' } });
});

describe('closing the connection', () => {
  test('an abort before the call sends nothing', async () => {
    const fake = await start();
    const error = await failure(get(transportWith(), fake.url, AbortSignal.abort()));
    expect(error.kind).toBe('cancelled');
    expect(fake.connections).toBe(0);
  });

  test('an abort before the headers', async () => {
    const fake = await start();
    const abort = new AbortController();
    const failed = failure(get(transportWith(), fake.url, abort.signal));
    const request = await fake.nextRequest();
    abort.abort();
    expect((await failed).kind).toBe('cancelled');
    await request.closed;
  });

  test('an abort in the middle of the body', async () => {
    const fake = await start();
    const abort = new AbortController();
    const answer = get(transportWith(), fake.url, abort.signal);
    const request = await fake.nextRequest();
    await fake.control(request).write('begin');
    const chunks = (await answer).body[Symbol.asyncIterator]();
    expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe('begin');
    const rest = failure(chunks.next());
    abort.abort();
    expect((await rest).kind).toBe('cancelled');
    await request.closed;
  });

  test('break', async () => {
    const fake = await start();
    const answer = get(transportWith(), fake.url);
    const request = await fake.nextRequest();
    await fake.control(request).write('begin');
    for await (const chunk of (await answer).body) {
      expect(chunk.length).toBe(5);
      break;
    }
    await request.closed;
  });

  test('cancelling the body of a fetch while a read is under way', async () => {
    const fake = await start();
    const answer = transportWith().fetchFor('p')(fake.url);
    const request = await fake.nextRequest();
    await fake.control(request).head();
    const reader = (await answer).body?.getReader();
    const reading = reader?.read();
    await reader?.cancel();
    await reading;
    await request.closed;
  });
});

describe('what is refused', () => {
  test('a redirect, and the key does not travel', async () => {
    const other = await start({ respond: json({}) });
    const fake = await start({ respond: redirect(`${other.url}/models`) });
    const transport = transportWith();
    const error = await failure(get(transport, fake.url));
    expect(error).toMatchObject({ kind: 'network', status: 307, retryable: false });
    expect(error.message).toContain(other.origin);
    await expect(transport.fetchFor('p')(fake.url)).rejects.toMatchObject({ kind: 'network' });
    expect(other.requests).toEqual([]);
  });

  test.each([
    [200, 8],
    [500, 1],
  ])('with status %i more than %i MB', async (status, megabytes) => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const fake = await start({
      respond: async (exchange) => {
        await exchange.head(status);
        while (!exchange.isClosed) await exchange.write(piece);
      },
    });
    const answer = await get(transportWith(), fake.url);
    let bytes = 0;
    const error = await failure(
      (async () => {
        for await (const chunk of answer.body) bytes += chunk.length;
      })(),
    );
    expect(error).toMatchObject({ kind: 'server', retryable: false });
    expect(error.message).toContain(`${megabytes} MB`);
    expect(bytes).toBeLessThanOrEqual(megabytes * 1024 * 1024);
    await fake.requests[0]?.closed;
  });

  test('a compressed answer nobody asked for', async () => {
    const bomb = gzipSync(Buffer.alloc(1024 * 1024));
    const fake = await start({
      respond: async (exchange) => {
        await exchange.head(200, { 'content-encoding': 'gzip' });
        await exchange.write(bomb);
      },
    });
    expect((await failure(get(transportWith(), fake.url))).message).toContain('compressed');
    expect(fake.requests[0]?.headers['accept-encoding']).toBeUndefined();
  });
});

test('a reader that stops stops the sender: of 64 MB hardly more than the socket buffers is taken', async () => {
  const piece = Buffer.alloc(64 * 1024, 'x');
  let sent = 0;
  let stalled: (() => void) | undefined;
  const stall = new Promise<void>((resolve) => {
    stalled = resolve;
  });
  const fake = await start({
    respond: async (exchange) => {
      for (let index = 0; index < 1024 && !exchange.isClosed; index++) {
        // A write that is not taken at once, nor after the event loop has gone round, waits for the reader.
        const taken = exchange.write(piece).then(() => true);
        const later = (async () => {
          for (let round = 0; round < 200; round++) await new Promise(setImmediate);
          return false;
        })();
        if (!(await Promise.race([taken, later]))) stalled?.();
        await taken;
        sent += piece.length;
      }
      stalled?.();
    },
  });
  const answer = await get(transportWith(), fake.url);
  const chunks = answer.body[Symbol.asyncIterator]();
  await chunks.next();
  await stall;
  expect(sent).toBeLessThan(16 * 1024 * 1024);
  await chunks.return?.(undefined);
  await fake.requests[0]?.closed;
});

describe('errors name their cause', () => {
  test('nothing listens', async () => {
    const fake = await startFakeProvider();
    await fake.close();
    const error = await failure(get(transportWith(), fake.url));
    expect(error).toMatchObject({ kind: 'network', retryable: true });
    expect(error.message).toContain(`Nothing answers at 127.0.0.1:${fake.port}`);
  });

  test('the socket dies before the headers', async () => {
    const fake = await start({ respond: (exchange) => exchange.die() });
    expect((await failure(get(transportWith(), fake.url))).message).toContain('closed the connection');
  });

  test('the answer is not HTTP', async () => {
    const fake = await start({ respond: raw('220 mail.example ESMTP\r\n') });
    expect((await failure(get(transportWith(), fake.url))).message).toContain('did not answer in HTTP');
  });

  test('TLS is spoken to a server that has none', async () => {
    const fake = await start();
    const error = await failure(get(transportWith(), `https://127.0.0.1:${fake.port}/`));
    expect(error.message).toContain('does not speak TLS');
  });
});

describe('certificates', () => {
  const fixtures = new URL('../../fixtures/tls/', import.meta.url);
  const certFile = new URL('localhost.cert.pem', fixtures).pathname;
  const tls = {
    key: readFileSync(new URL('localhost.key.pem', fixtures), 'utf8'),
    cert: readFileSync(certFile, 'utf8'),
  };

  test('an unknown one is refused, even where the environment says not to look', async () => {
    const fake = await start({ tls });
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const error = await failure(get(transportWith(), fake.url));
      expect(error).toMatchObject({ kind: 'network', retryable: false });
      expect(error.message).toMatch(/certificate .*self-signed.*network\.caFile/);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
    expect(fake.requests).toEqual([]);
  });

  test('one named in caFile is accepted', async () => {
    const fake = await start({ tls, respond: json({}) });
    expect((await get(transportWith({ caFile: certFile }), fake.url)).status).toBe(200);
  });

  test('a caFile that is not there is named', async () => {
    const error = await failure(get(transportWith({ caFile: '/nowhere/ca.pem' }), 'http://127.0.0.1:1'));
    expect(error.kind).toBe('notConfigured');
    expect(error.message).toContain('/nowhere/ca.pem');
  });
});

/** A proxy that tunnels every CONNECT to this port, whatever host was asked for. */
async function startProxy(port: number, authorization?: string) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer();
  server.on('connect', (request, client: Socket) => {
    sockets.add(client);
    asked.push(request.url ?? '');
    if (authorization !== undefined && request.headers['proxy-authorization'] !== authorization) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client]) socket.on('error', () => {});
    sockets.add(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('proxies', () => {
  test('the configured one is used, with its password, but not for this machine', async () => {
    const fake = await start({ respond: json({}) });
    const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    const proxy = await startProxy(fake.port, authorization);
    const transport = transportWith({ proxy: `http://me:p%40ss@${proxy.host}` });
    expect((await get(transport, 'http://provider.test/v1/models')).status).toBe(200);
    expect((await get(transport, `${fake.url}/models`)).status).toBe(200);
    expect(proxy.asked).toEqual(['provider.test:80']);
  });

  test('the one of the environment is used unless NO_PROXY names the host', async () => {
    const fake = await start({ respond: json({}) });
    const proxy = await startProxy(fake.port);
    const variables: Record<string, string> = { HTTPS_PROXY: `http://${proxy.host}`, NO_PROXY: '127.0.0.3' };
    const transport = transportWith({ environment: (name) => variables[name] });
    expect((await failure(get(transport, 'https://provider.test/'))).message).toContain(
      `through the proxy ${proxy.host}`,
    );
    expect((await failure(get(transport, 'https://127.0.0.3:1/'))).message).toContain('Nothing answers at 127.0.0.3:1');
    expect(proxy.asked).toEqual(['provider.test:443']);
  });

  test('one that wants a password says so, and its own is not shown', async () => {
    const proxy = await startProxy(1, 'Basic no');
    const error = await failure(
      get(transportWith({ proxy: `http://me:hunter2@${proxy.host}` }), 'http://provider.test/'),
    );
    expect(error).toMatchObject({ kind: 'network', retryable: false });
    expect(error.message).toContain('asks for a name and password');
    expect(error.message).not.toContain('hunter2');
  });

  test('one that is not there is told from a provider that is not there', async () => {
    const error = await failure(get(transportWith({ proxy: 'http://127.0.0.1:1' }), 'http://provider.test/'));
    expect(error.message).toContain('The proxy 127.0.0.1:1 refuses the connection');
  });

  test('nonsense is a matter of configuration', async () => {
    expect((await failure(get(transportWith({ proxy: 'proxy.example:8080' }), 'http://a/'))).kind).toBe(
      'notConfigured',
    );
  });
});

test('a preconnected socket is the one the first call uses', async () => {
  const fake = await start({ respond: json({}) });
  const transport = transportWith();
  await transport.preconnect(fake.origin);
  while (fake.connections === 0) await new Promise(setImmediate);
  expect(fake.requests).toEqual([]);
  await get(transport, fake.url);
  expect(fake.requests[0]?.connection).toBe(1);
  expect(fake.connections).toBe(1);
});

test('a preconnected socket that the server has closed is not used', async () => {
  const first = await startFakeProvider();
  const transport = transportWith();
  await transport.preconnect(first.origin);
  while (first.connections === 0) await new Promise(setImmediate);
  await first.close();
  // The news of it needs a turn of the event loop or two.
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  const second = await start({ port: first.port, respond: json({}) });
  expect((await get(transport, second.url)).status).toBe(200);
});
