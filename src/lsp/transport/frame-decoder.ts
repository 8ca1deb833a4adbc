/**
 * Bytes in, messages and desync reports out: the LSP framing as a state machine, apart from any stream.
 *
 * It never gives up. Whatever is no frame is reported and skipped up to the next `Content-Length:` line, so that one
 * malformed frame costs its own message and no other. Each byte is searched a fixed number of times, however hostile.
 */
import { countLineBreaks, findHeaderLine, MAX_HEADER_BYTES, parseHeader } from './frame-header.ts';

/** Largest body accepted, in bytes: twice the largest document that editors send. */
export const MAX_BODY_BYTES = 128 * 1024 * 1024;
const HEADER_END = '\r\n\r\n';
const FIRST_BODY_ALLOCATION = 64 * 1024;
const NOTHING = Buffer.alloc(0);

export type DesyncReason =
  | 'header-malformed'
  | 'header-too-long'
  | 'length-missing'
  | 'length-invalid'
  | 'length-too-large'
  | 'header-inside-body'
  | 'body-malformed'
  | 'body-not-an-object';

export interface FrameSink {
  /** One JSON object. That it is a JSON-RPC message is not yet known. */
  message(message: object): void;
  desync(reason: DesyncReason): void;
}

export interface FrameDecoder {
  push(chunk: Buffer): void;
  /** How many desyncs were reported so far. */
  readonly desyncs: number;
  /** Memory held for frames that are not complete, in bytes. */
  readonly bufferedBytes: number;
}

/** A body of which a part has not arrived, copied together as it comes, so that tiny chunks cost no more than large ones. */
interface PartialBody {
  readonly length: number;
  bytes: Buffer;
  received: number;
  searched: number;
}

export function createFrameDecoder(sink: FrameSink): FrameDecoder {
  let pending: Buffer = NOTHING;
  let offset = 0;
  let searched = 0;
  let resyncing = false;
  let body: PartialBody | undefined;
  let desyncs = 0;

  function desync(reason: DesyncReason): void {
    desyncs++;
    sink.desync(reason);
  }

  function resyncFrom(position: number, reason: DesyncReason): true {
    offset = position;
    searched = 0;
    resyncing = true;
    desync(reason);
    return true;
  }

  /** Each step returns whether another one may get further with the bytes at hand. */
  function stepResync(): boolean {
    const found = findHeaderLine(pending, offset);
    offset = found?.at ?? pending.length;
    resyncing = found?.state !== 'complete';
    return !resyncing;
  }

  function stepHeader(): boolean {
    if (searched === 0) offset += countLineBreaks(pending, offset);
    const window = pending.subarray(offset, offset + MAX_HEADER_BYTES + HEADER_END.length);
    const end = window.indexOf(HEADER_END, Math.max(0, searched - HEADER_END.length), 'latin1');
    if (end < 0) {
      searched = window.length;
      return window.length > MAX_HEADER_BYTES && resyncFrom(offset + 1, 'header-too-long');
    }
    const header = parseHeader(window.toString('latin1', 0, end));
    if ('reason' in header) return resyncFrom(offset + 1, header.reason);
    if (header.length > MAX_BODY_BYTES) return resyncFrom(offset + 1, 'length-too-large');
    searched = 0;
    offset += end + HEADER_END.length;
    return stepBody(header.length);
  }

  function stepBody(length: number): boolean {
    const isComplete = pending.length - offset >= length;
    const end = isComplete ? offset + length : pending.length;
    // On a stream that never failed a complete body is simply parsed; the search spares a hostile one a parse for every header in it.
    if (!isComplete || desyncs > 0) {
      const inside = findHeaderLine(pending.subarray(0, end), offset);
      if (inside?.state === 'complete') return resyncFrom(inside.at, 'header-inside-body');
    }
    if (!isComplete) {
      body = { length, bytes: NOTHING, received: 0, searched: 0 };
      return appendToBody(body);
    }
    if (!deliver(pending.subarray(offset, end))) return resyncFrom(offset, 'body-malformed');
    offset = end;
    return true;
  }

  function appendToBody(partial: PartialBody): boolean {
    const part = pending.subarray(offset, offset + partial.length - partial.received);
    const received = partial.received + part.length;
    if (received > partial.bytes.length) partial.bytes = grow(partial, received);
    part.copy(partial.bytes, partial.received);
    partial.received = received;
    offset += part.length;
    const bytes = partial.bytes.subarray(0, received);
    if (received === partial.length) return finishBody(bytes);

    const inside = findHeaderLine(bytes, partial.searched);
    if (inside?.state !== 'complete') {
      partial.searched = inside?.at ?? received;
      return false;
    }
    body = undefined;
    pending = bytes;
    return resyncFrom(inside.at, 'header-inside-body');
  }

  function finishBody(bytes: Buffer): true {
    body = undefined;
    if (deliver(bytes)) return true;
    pending = Buffer.concat([bytes, pending.subarray(offset)]);
    return resyncFrom(0, 'body-malformed');
  }

  function deliver(bytes: Buffer): boolean {
    const parsed = parseJson(bytes);
    if (parsed === undefined) return false;
    if (isObject(parsed.value)) sink.message(parsed.value);
    else desync('body-not-an-object');
    return true;
  }

  function step(): boolean {
    if (body !== undefined) return appendToBody(body);
    return resyncing ? stepResync() : stepHeader();
  }

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (offset < pending.length && step());
      pending = offset < pending.length ? pending.subarray(offset) : NOTHING;
      offset = 0;
    },
    get desyncs() {
      return desyncs;
    },
    get bufferedBytes() {
      return pending.length + (body?.bytes.length ?? 0);
    },
  };
}

/** A first piece for what most bodies turn out to be, then room for all of it: a claim alone takes no memory, and nothing is copied often. */
function grow(partial: PartialBody, needed: number): Buffer {
  const capacity = needed > FIRST_BODY_ALLOCATION ? partial.length : Math.min(partial.length, FIRST_BODY_ALLOCATION);
  const larger = Buffer.allocUnsafeSlow(capacity);
  partial.bytes.copy(larger, 0, 0, partial.received);
  return larger;
}

function parseJson(bytes: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
}

/** JSON-RPC batches are no part of LSP, so an array is no message. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
