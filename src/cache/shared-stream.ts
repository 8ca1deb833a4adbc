/** One stream read by several readers: each gets every part from the start, and the last one to leave closes it. */

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

/** What is held for a reader that may come late (UTF-16 code units of text). */
const HELD = 262_144;

/** `onClosed` is called once, when the stream has ended or everybody left. Nothing is read that no reader asked for. */
export function createSharedStream<Part extends { readonly delta: string }>(
  open: (signal: AbortSignal) => AsyncIterable<Part>,
  onClosed: () => void,
): SharedStream<Part> {
  const controller = new AbortController();
  const iterator = open(controller.signal)[Symbol.asyncIterator]();
  const readers = new Set<Reader>();
  /** Parts from number `gone` on; those before it nobody needs any more. */
  let held: Part[] = [];
  let gone = 0;
  let length = 0;
  let pulling: Promise<void> | undefined;
  let end: { readonly failure?: unknown } | undefined;

  function close(ended: { readonly failure?: unknown }): void {
    if (end !== undefined) return;
    end = ended;
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

  return {
    get isJoinable() {
      return length <= HELD && end === undefined;
    },
    async *read(signal) {
      signal.throwIfAborted();
      const reader: Reader = { next: 0 };
      readers.add(reader);
      const abort = abortOf(signal, () => leave(reader, signal));
      try {
        while (true) {
          const part = held[reader.next - gone];
          if (part !== undefined) {
            reader.next += 1;
            letGo();
            yield part;
            signal.throwIfAborted();
          } else if (end === undefined) {
            await Promise.race([pull(), abort.rejected]);
          } else {
            if ('failure' in end) throw end.failure;
            return;
          }
        }
      } finally {
        abort.stop();
        leave(reader, signal);
      }
    },
  };
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
