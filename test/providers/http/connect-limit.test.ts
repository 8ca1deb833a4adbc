/** How long connecting may take: until the request is on a connection, and no longer. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SdkClientOptions, sdkCall, sdkFetch } from '../../../src/providers/http/sdk-client.ts';
import {
  createHttpTransport,
  type HttpTransport,
  type HttpTransportOptions,
} from '../../../src/providers/http/transport.ts';
import { createCallController } from '../../../src/util/call-signal.ts';
import { followSignal } from '../../../src/util/follow-signal.ts';
import { startDeafPort } from '../../support/deaf-port.ts';
import { startFakeProvider } from '../../support/fake-provider.ts';
import { hang } from '../../support/fake-responders.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const running: (() => unknown)[] = [];
let clock: VirtualClock;
beforeEach(() => {
  clock = createVirtualClock();
});
afterEach(async () => {
  for (const close of running.splice(0).toReversed()) await close();
});

function transportWith(options: Partial<HttpTransportOptions> = {}): HttpTransport {
  const transport = createHttpTransport({ environment: () => undefined, clock, ...options });
  running.push(() => transport.dispose());
  return transport;
}

async function deafAddress(): Promise<URL> {
  const deaf = await startDeafPort();
  running.push(() => deaf.close());
  return new URL(deaf.address);
}

/** Accepts connections and CONNECTs, and answers none before it is told to; then with this status. */
async function startSlowProxy() {
  const waiting: Socket[] = [];
  const asked: Socket[] = [];
  const server: Server = createServer((_request, response) => response.end('{}'));
  server.on('connect', (_request, socket: Socket) => {
    waiting.push(socket);
    asked.push(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(() => {
    for (const socket of asked) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    /** Lets the tunnels be; the proxy is what is reached through them. */
    release() {
      for (const socket of waiting.splice(0)) {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        server.emit('connection', socket);
      }
    },
  };
}

function get(transport: HttpTransport, url: string | URL, signal: AbortSignal = new AbortController().signal) {
  return transport.request({ provider: 'p', method: 'GET', url, headers: {}, signal });
}

/** The request waits for its connection. */
async function connecting(): Promise<void> {
  while (clock.pending === 0) await new Promise(setImmediate);
}

test.each([
  ['what the signal says', 5_000, createCallController(5_000).signal],
  ['what the signal it follows says', 700, followSignal(createCallController(700).signal).signal],
  ['2 s where nobody says anything', 2_000, new AbortController().signal],
])('%s', async (_, limit, signal) => {
  const url = await deafAddress();
  let over = false;
  const call = get(transportWith(), url, signal).finally(() => {
    over = true;
  });
  const outcome = expect(call).rejects.toMatchObject({
    kind: 'network',
    provider: 'p',
    retryable: false,
    message: `No connection to ${url.host} came about within ${limit / 1000} seconds. Check baseUrl and the network.`,
  });
  await connecting();
  await clock.advance(limit - 1);
  expect(over).toBe(false);
  await clock.advance(1);
  await outcome;
  expect(clock.pending).toBe(0);
});

test('an SDK passes the limit on, and nothing of it leaves the process', async () => {
  const url = await deafAddress();
  const sent: unknown[] = [];
  const transport = transportWith();
  const watched: HttpTransport = {
    ...transport,
    fetchFor: (provider) => (input, init, limit) => {
      sent.push(Object.fromEntries(new Headers(init?.headers)));
      return transport.fetchFor(provider)(input, init, limit);
    },
  };
  const options: SdkClientOptions = { provider: 'p', baseUrl: '', transport: watched, headers: () => ({ ours: '1' }) };
  const call = sdkFetch(options)(url, sdkCall(createCallController(5_000).signal));
  const outcome = expect(call).rejects.toMatchObject({ message: expect.stringContaining('within 5 seconds') });
  await connecting();
  await clock.advance(5_000);
  await outcome;
  expect(sent).toEqual([{ ours: '1' }]);
});

test('a proxy’s answer counts, and the error names the proxy', async () => {
  const proxy = await startSlowProxy();
  const transport = transportWith({ proxy: `http://${proxy.host}` });
  const outcome = expect(get(transport, 'http://provider.test/v1')).rejects.toMatchObject({
    message: `No connection to provider.test through the proxy ${proxy.host} came about within 2 seconds. Check network.proxy.`,
  });
  await connecting();
  while (proxy.asked.length === 0) await new Promise(setImmediate);
  await clock.advance(2_000);
  await outcome;
});

test('a connection that comes too late is the next call’s', async () => {
  const proxy = await startSlowProxy();
  const transport = transportWith({ proxy: `http://${proxy.host}` });
  const outcome = expect(get(transport, 'http://provider.test/v1')).rejects.toMatchObject({ kind: 'network' });
  await connecting();
  while (proxy.asked.length === 0) await new Promise(setImmediate);
  await clock.advance(2_000);
  await outcome;
  proxy.release();
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  expect((await get(transport, 'http://provider.test/v1')).status).toBe(200);
  expect(proxy.asked).toHaveLength(1);
});

test('a call that is cancelled while it connects ends at once', async () => {
  const controller = createCallController();
  const outcome = expect(get(transportWith(), await deafAddress(), controller.signal)).rejects.toMatchObject({
    kind: 'cancelled',
  });
  await connecting();
  controller.abort();
  await outcome;
  expect(clock.pending).toBe(0);
});

test('a request that is on its connection has no such limit any more', async () => {
  const fake = await startFakeProvider({ respond: hang() });
  running.push(() => fake.close());
  const controller = createCallController();
  const outcome = expect(get(transportWith(), fake.url, controller.signal)).rejects.toMatchObject({
    kind: 'cancelled',
  });
  while (fake.requests.length === 0) await new Promise(setImmediate);
  expect(clock.pending).toBe(0);
  await clock.advance(60_000);
  controller.abort();
  await outcome;
});
