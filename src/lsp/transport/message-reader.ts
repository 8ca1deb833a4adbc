/** The library's MessageReader over our frame decoder: the stock one waits for ever after some malformed frames. */
import type { Readable } from 'node:stream';
import { Emitter, type Message, type MessageReader, type PartialMessageInfo } from 'vscode-jsonrpc/node';
import { createFrameDecoder } from './frame-decoder.ts';

/** A client that is broken for good must not fill the log: after ten desyncs only every hundredth is noted. */
const isNoted = (count: number): boolean => count <= 10 || count % 100 === 0;

/** Reads until the stream ends, closes or fails, and then reports `onClose` once. What it had to skip is reported by `onError`. */
export function createMessageReader(readable: Readable): MessageReader {
  const failed = new Emitter<Error>();
  const closed = new Emitter<void>();
  const partial = new Emitter<PartialMessageInfo>();
  let isClosed = false;

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    closed.fire();
  }

  readable.on('error', (error) => {
    failed.fire(error);
    close();
  });
  readable.on('end', close);
  readable.on('close', close);

  return {
    onError: failed.event,
    onClose: closed.event,
    onPartialMessage: partial.event,
    listen(callback) {
      const decoder = createFrameDecoder({
        message: (message) => callback(message as Message),
        desync(reason) {
          if (!isNoted(decoder.desyncs)) return;
          failed.fire(new Error(`Skipped bytes that are no LSP message (${reason}, ${decoder.desyncs} so far).`));
        },
      });
      const read = (chunk: Buffer): void => decoder.push(chunk);
      readable.on('data', read);
      return { dispose: () => readable.off('data', read) };
    },
    dispose() {
      failed.dispose();
      closed.dispose();
      partial.dispose();
    },
  };
}
