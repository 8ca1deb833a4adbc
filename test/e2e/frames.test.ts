/** A server that was sent nonsense answers the next request as if nothing had been. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MALFORMED_FRAMES } from '../lsp/transport/malformed-frames.ts';
import { frame } from '../lsp/transport/support.ts';
import { spawnServer, startServer, type TestServer } from '../support/server.ts';

const METHOD_NOT_FOUND = -32601;

describe('the next request is answered after', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  test.each(MALFORMED_FRAMES)('%s', async (_, bytes) => {
    server.raw(bytes);
    expect(await server.request('unknown/method').failure).toMatchObject({ code: METHOD_NOT_FOUND });
  });

  test('a frame that comes byte by byte', async () => {
    const request = frame({ jsonrpc: '2.0', id: 'bytes', method: 'unknown/method' });
    for (const byte of request) server.raw(Buffer.of(byte));
    expect(await server.request('unknown/method').failure).toMatchObject({ code: METHOD_NOT_FOUND });
  });

  test('2,000 damaged frames', async () => {
    const damage = fc.tuple(fc.nat(60), fc.nat(8), fc.string({ maxLength: 8 }));
    const original = frame({ jsonrpc: '2.0', method: 'unknown/notification', params: { text: 'é😀' } });
    for (const [at, remove, insert] of fc.sample(damage, { seed: 20_261_120, numRuns: 2000 })) {
      server.raw(Buffer.concat([original.subarray(0, at), Buffer.from(insert), original.subarray(at + remove)]));
    }
    expect(await server.request('unknown/method').failure).toMatchObject({ code: METHOD_NOT_FOUND });
  });
});

test.each(MALFORMED_FRAMES.slice(0, 12))('initialize is answered after %s', async (_, bytes) => {
  const server = spawnServer();
  server.raw(bytes);
  const initialized = await server.request('initialize', { processId: null, capabilities: {} }).response;
  expect(initialized).toHaveProperty('capabilities');
  await server.stop();
});
