/** One stream read by several readers: each gets every part from the start, and the last one to leave closes it. */
import { createCallController } from '../util/call-signal.ts';

export interface SharedStream<Part> {
  /** False once too much of it has gone by for another reader to have it from the start. */
  readonly isJoinable: boolean;
  /** Ends, fails and is aborted as a stream of its own would be. */
  read(signal: AbortSignal): AsyncIterable<Part>;
}

interface Reader {
  /** The number of the part it gets next. */
  next: number;
}

interface End {
  readonly failure?: unknown;
}

/** What a reader needs of the stream. */
interface Source<Part> {
  join(): Reader;
  /** The reader's next part, where it is here. */
  take(reader: Reader): Part | undefined;
  end(): End | undefined;
  /** Resolves when there is one part more, or an end. */
  pull(): Promise<void>;
  leave(reader: Reader, signal: AbortSignal): void;
}

/** What is held for a reader that may come late (UTF-16 code units of text). */
const HELD = 262_144;

/** `onClosed` is called once, when the stream has ended or everybody left. Nothing is read that no reader asked for. */
export function createSharedStream<Part extends { readonly delta: string }>(
  open: (signal: AbortSignal) => AsyncIterable<Part>,
  onClosed: () => void,
): SharedStream<Part> {
  const controller = createCallController();
  const iterator = open(controller.signal)[Symbol.asyncIterator]();
  const readers = new Set<Reader>();
  /** Parts from number `gone` on; those before it nobody needs any more. */
  let held: Part[] = [];
  let gone = 0;
  let length = 0;
  let pulling: Promise<void> | undefined;
  let end: End | undefined;

  function close(ended: End): void {
    if (end !== undefined) return;
    end = ended;
    shared.isJoinable = false;
    onClosed();
  }

  /** Reads one more part for everybody. Never rejects: how it ended is in `end`. */
  function pull(): Promise<void> {
    pulling ??= iterator
      .next()
      .then(
        (step) => {
          if (step.done === true) return close({});
          held.push(step.value);
          length += step.value.delta.length;
          if (length > HELD) shared.isJoinable = false;
        },
        (failure: unknown) => close({ failure }),
      )
      .finally(() => {
        pulling = undefined;
      });
    return pulling;
  }

  /** Once nobody can join any more, only what the slowest reader still needs is held. */
  function letGo(): void {
    if (length <= HELD) return;
    const needed = Math.min(...[...readers].map(({ next }) => next)) - gone;
    held = held.slice(needed);
    gone += needed;
  }

  function leave(reader: Reader, signal: AbortSignal): void {
    if (!readers.delete(reader) || readers.size > 0 || end !== undefined) return;
    close({});
    // A reader that was satisfied leaves a stream in good order; one that gave up has the connection cut at once.
    if (signal.aborted) controller.abort(signal.reason);
    iterator.return?.().catch(() => undefined);
  }

  const source: Source<Part> = {
    join() {
      const reader: Reader = { next: 0 };
      readers.add(reader);
      return reader;
    },
    take(reader) {
      const part = held[reader.next - gone];
      if (part === undefined) return undefined;
      reader.next += 1;
      letGo();
      return part;
    },
    end: () => end,
    pull,
    leave,
  };
  // No getter: V8 keeps what one leads to, here the whole call, until a full garbage collection.
  const shared = { isJoinable: true, read: (signal: AbortSignal) => readFrom(source, signal) };
  return shared;
}

/** A generator function that is made anew for each stream has hidden classes of its own, hence outside. */
async function* readFrom<Part>(source: Source<Part>, signal: AbortSignal): AsyncIterable<Part> {
  signal.throwIfAborted();
  const reader = source.join();
  const abort = abortOf(signal, () => source.leave(reader, signal));
  try {
    while (true) {
      const part = source.take(reader);
      const end = source.end();
      if (part !== undefined) {
        yield part;
        signal.throwIfAborted();
      } else if (end === undefined) {
        await Promise.race([source.pull(), abort.rejected]);
      } else {
        if ('failure' in end) throw end.failure;
        return;
      }
    }
  } finally {
    abort.stop();
    source.leave(reader, signal);
  }
}

/** Tells at once of an abort, by the call and by a promise to race with. */
function abortOf(signal: AbortSignal, onAbort: () => void) {
  let listener = () => {};
  const rejected = new Promise<never>((_, reject) => {
    listener = () => {
      onAbort();
      reject(signal.reason);
    };
  });
  rejected.catch(() => undefined);
  signal.addEventListener('abort', listener, { once: true });
  return { rejected, stop: () => signal.removeEventListener('abort', listener) };
}
