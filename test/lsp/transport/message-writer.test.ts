/** Writing: in order, no further ahead than the client reads, bounded, and quiet when the client is gone. */
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Message } from 'vscode-jsonrpc/node';
import { createFrameDecoder } from '../../../src/lsp/transport/frame-decoder.ts';
import { createMessageWriter } from '../../../src/lsp/transport/message-writer.ts';

type Sent = Message & { id?: number; method?: string; params?: unknown; result?: unknown; error?: { code: number } };

const progress = (text: string): Sent => ({ jsonrpc: '2.0', method: '$/progress', params: { token: 1, value: text } });
const answer = (id: number, result: string): Sent => ({ jsonrpc: '2.0', id, result });
const note = (text: string): Sent => ({ jsonrpc: '2.0', method: 'window/logMessage', params: { message: text } });

/** A stream whose reader takes nothing until `read` is called, and then everything. */
function createSlowClient() {
  const received: object[] = [];
  const decoder = createFrameDecoder({ message: (message) => received.push(message), desync: () => {} });
  const stuck: (() => void)[] = [];
  let isReading = false;
  const stream = new Writable({
    highWaterMark: 16 * 1024,
    write(chunk: Buffer, _encoding, done) {
      decoder.push(chunk);
      if (isReading) done();
      else stuck.push(done);
    },
  });
  const read = async (): Promise<void> => {
    isReading = true;
    for (const done of stuck.splice(0)) done();
    await turn();
  };
  return { stream, received, read };
}

const wide = 'x'.repeat(20_000);

describe('a client that reads', () => {
  test('gets every message whole and in order, with lengths in bytes', async () => {
    const { stream, received, read } = createSlowClient();
    await read();
    const writer = createMessageWriter(stream);
    const messages = [answer(1, 'é😀'), progress('a'), answer(2, wide), note('\u2028')];
    await Promise.all(messages.map((message) => writer.write(message)));
    await turn();
    expect(received).toEqual(messages);
  });
});

describe('a client that does not read', () => {
  test('is not written to beyond the buffer of the stream, until it reads on', async () => {
    const { stream, received, read } = createSlowClient();
    const writer = createMessageWriter(stream);
    const ids = Array.from({ length: 100 }, (_, id) => id);
    let written = 0;
    const writes = ids.map((id) => writer.write(note(id + wide)).then(() => written++));
    await turn();
    expect(written).toBe(1);
    expect(stream.writableLength).toBeLessThan(2 * wide.length);
    await read();
    await Promise.all(writes);
    expect(received).toEqual(ids.map((id) => note(id + wide)));
  });

  test('keeps no answer waiting for itself', async () => {
    const writer = createMessageWriter(createSlowClient().stream);
    await Promise.all([1, 2, 3].map((id) => writer.write(answer(id, wide))));
  });

  test('loses progress first, and no answer', async () => {
    const { stream, received, read } = createSlowClient();
    const writer = createMessageWriter(stream, 100_000);
    const writes = [writer.write(answer(0, wide)), writer.write(answer(1, wide))];
    for (let index = 0; index < 50; index++) writes.push(writer.write(progress(wide)));
    writes.push(writer.write(answer(2, wide)), writer.write(answer(3, wide)));
    await turn();
    await read();
    await Promise.all(writes);
    expect(received).toEqual([0, 1, 2, 3].map((id) => answer(id, wide)));
  });

  test('gets a short error for every answer that found no room', async () => {
    const { stream, received, read } = createSlowClient();
    const writer = createMessageWriter(stream, 100_000);
    const ids = Array.from({ length: 200 }, (_, id) => id);
    const writes = ids.map((id) => writer.write(answer(id, wide)));
    await read();
    await Promise.all(writes);
    expect((received as Sent[]).map(({ id }) => id)).toEqual(ids);
    const failed = (received as Sent[]).filter(({ error }) => error?.code === -32803);
    expect(failed).toHaveLength(200 - 5);
  });

  test('is not sent requests that find no room, and their senders learn of it', async () => {
    const writer = createMessageWriter(createSlowClient().stream, 30_000);
    const request: Sent = { jsonrpc: '2.0', id: 1, method: 'workspace/applyEdit', params: wide };
    void writer.write(answer(0, wide));
    void writer.write(answer(1, wide));
    await expect(writer.write(request)).rejects.toThrow('does not read');
  });

  test('costs constant time per message, however long the queue', async () => {
    const { stream, received, read } = createSlowClient();
    const writer = createMessageWriter(stream);
    const writes = Array.from({ length: 100_000 }, (_, id) => writer.write(answer(id, '')));
    await read();
    await Promise.all(writes);
    await turn();
    expect(received).toHaveLength(100_000);
  });
});

describe('a client that is gone', () => {
  function failure(code: string): Error {
    return Object.assign(new Error(code), { code });
  }

  test.each(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])(
    '%s closes once, says nothing, and settles what waits',
    async (code) => {
      const { stream } = createSlowClient();
      const writer = createMessageWriter(stream);
      const events: string[] = [];
      writer.onClose(() => events.push('close'));
      writer.onError(([error]) => events.push(error.message));
      const writes = [1, 2, 3].map((id) => writer.write(answer(id, wide)));
      stream.destroy(failure(code));
      await Promise.all(writes);
      await turn();
      await writer.write(answer(4, 'late'));
      expect(events).toEqual(['close']);
    },
  );

  test('any other failure is reported before the close', async () => {
    const stream = new PassThrough();
    const writer = createMessageWriter(stream);
    const events: string[] = [];
    writer.onClose(() => events.push('close'));
    writer.onError(([error]) => events.push(error.message));
    stream.destroy(failure('EIO'));
    await turn();
    expect(events).toEqual(['EIO', 'close']);
  });

  test('a stream that was already ended is a close', async () => {
    const stream = new PassThrough();
    stream.end();
    const writer = createMessageWriter(stream);
    let isClosed = false;
    writer.onClose(() => {
      isClosed = true;
    });
    await writer.write(answer(1, ''));
    expect(isClosed).toBe(true);
  });
});

test('a message that is no JSON is refused, and the next one goes through', async () => {
  const { stream, received, read } = createSlowClient();
  await read();
  const writer = createMessageWriter(stream);
  const circular: Sent & { self?: unknown } = { jsonrpc: '2.0', id: 1 };
  circular.self = circular;
  await expect(writer.write(circular)).rejects.toThrow('circular');
  await writer.write(answer(2, 'fine'));
  expect(received).toEqual([answer(2, 'fine')]);
});
