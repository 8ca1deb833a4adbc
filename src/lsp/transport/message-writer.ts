/** The library's MessageWriter with back-pressure: it waits for the client to read, holds a bounded amount, and takes a closed pipe quietly. */
import type { Writable } from 'node:stream';
import { Emitter, type Message, type MessageWriter } from 'vscode-jsonrpc/node';
import { createOutgoingQueue, MAX_QUEUED_BYTES } from './outgoing-queue.ts';

/** What a client that went away looks like from here; it is no failure to report. */
const CLIENT_IS_GONE: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * `write` resolves when the stream took the bytes (for an answer: when they were queued), when they were dropped for want of
 * room, and when the stream is closed, which `onClose` tells once. It rejects only for what cannot be sent at all.
 */
export function createMessageWriter(writable: Writable, maxQueuedBytes: number = MAX_QUEUED_BYTES): MessageWriter {
  const failed = new Emitter<[Error, Message | undefined, number | undefined]>();
  const closed = new Emitter<void>();
  const queue = createOutgoingQueue(maxQueuedBytes);
  let isClosed = false;

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    queue.clear();
    closed.fire();
  }

  function flush(): void {
    while (!isClosed && !writable.writableNeedDrain) {
      const frame = queue.shift();
      if (frame === undefined) return;
      if (writable.writable) writable.write(frame.bytes);
      else close();
      frame.settle();
    }
  }

  writable.on('drain', flush);
  writable.on('close', close);
  writable.on('error', (error) => {
    if (!('code' in error && CLIENT_IS_GONE.has(error.code))) failed.fire([error, undefined, undefined]);
    close();
  });

  return {
    onError: failed.event,
    onClose: closed.event,
    write(message) {
      if (isClosed) return Promise.resolve();
      return new Promise((resolve) => {
        queue.push(message, resolve);
        flush();
        // Nobody waits for an answer to leave, but its whole request would be kept until it has.
        if (!('method' in message)) resolve();
      });
    },
    end() {
      if (!isClosed) writable.end();
    },
    dispose() {
      failed.dispose();
      closed.dispose();
    },
  };
}
