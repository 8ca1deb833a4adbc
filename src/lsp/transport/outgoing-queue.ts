/** What waits while the client does not read: bounded in bytes, and still one answer for every request. Apart from the writer, which only moves bytes. */
import type { Message } from 'vscode-jsonrpc/node';

/** Bytes that may wait for a client that does not read. */
export const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
/** LSP's RequestFailed. */
const REQUEST_FAILED = -32803;
const COMPACTION_MINIMUM = 256;

export interface OutgoingFrame {
  readonly bytes: Buffer;
  /** Progress is dropped before anything else: the final answer carries the whole text once more. */
  readonly isProgress: boolean;
  /** Called when the bytes were handed over, or when they never will be. */
  readonly settle: () => void;
}

export interface OutgoingQueue {
  /**
   * Queues the message, or, when there is no room, what may stand for it.
   * Throws for a request of ours that finds no room, and what JSON.stringify throws.
   */
  push(message: Message, settle: () => void): void;
  shift(): OutgoingFrame | undefined;
  /** Forgets everything that waits. */
  clear(): void;
}

export function createOutgoingQueue(maxBytes: number = MAX_QUEUED_BYTES): OutgoingQueue {
  let frames: OutgoingFrame[] = [];
  let head = 0;
  let bytes = 0;
  let progressFrames = 0;

  function add(frame: OutgoingFrame): void {
    frames.push(frame);
    bytes += frame.bytes.length;
    if (frame.isProgress) progressFrames++;
  }

  function subtract(frame: OutgoingFrame): void {
    bytes -= frame.bytes.length;
    if (frame.isProgress) progressFrames--;
  }

  function dropProgress(): void {
    if (progressFrames === 0) return;
    const waiting = frames.slice(head);
    frames = waiting.filter((frame) => !frame.isProgress);
    head = 0;
    for (const frame of waiting) {
      if (!frame.isProgress) continue;
      subtract(frame);
      frame.settle();
    }
  }

  function addSubstitute(message: Message, settle: () => void): void {
    const substitute = substituteFor(message);
    if (substitute === undefined) settle();
    else add({ bytes: encodeFrame(substitute), isProgress: false, settle });
  }

  /** Lets go of frames that were handed over, at a cost that is constant per frame. */
  function compact(): void {
    if (head < COMPACTION_MINIMUM && head < frames.length) return;
    if (2 * head < frames.length) return;
    frames = frames.slice(head);
    head = 0;
  }

  return {
    push(message, settle) {
      const frame: OutgoingFrame = { bytes: encodeFrame(message), isProgress: isProgress(message), settle };
      const exceeds = (): boolean => bytes > 0 && bytes + frame.bytes.length > maxBytes;
      if (exceeds() && !frame.isProgress) dropProgress();
      if (exceeds()) addSubstitute(message, settle);
      else add(frame);
    },
    shift() {
      const frame = frames[head];
      if (frame === undefined) return undefined;
      head++;
      subtract(frame);
      compact();
      return frame;
    },
    clear() {
      const forgotten = frames.slice(head);
      frames = [];
      head = 0;
      bytes = 0;
      progressFrames = 0;
      for (const frame of forgotten) frame.settle();
    },
  };
}

/** Throws what JSON.stringify throws, for a message that is no JSON. */
function encodeFrame(message: Message): Buffer {
  const body = JSON.stringify(message);
  return Buffer.from(`Content-Length: ${Buffer.byteLength(body, 'utf8')}\r\n\r\n${body}`, 'utf8');
}

function isProgress(message: Message): boolean {
  return 'method' in message && message.method === '$/progress';
}

/** A notification may be lost; whoever sends a request must learn of it; an answer must arrive, if only as an error. */
function substituteFor(message: Message): Message | undefined {
  if (!('id' in message)) return undefined;
  if ('method' in message)
    throw new Error('The request was not sent because the editor does not read what it is sent.');
  const error = {
    code: REQUEST_FAILED,
    message: 'The answer was dropped because the editor does not read what it is sent.',
  };
  return { jsonrpc: '2.0', id: message.id, error } as Message;
}
