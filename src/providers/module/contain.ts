/** Calls into a user's module so that whatever it does, the caller gets an answer, an error of ours, or its cancellation at once. */
import { AiError } from '../../domain/ai-error.ts';
import { runForeignCode } from '../../util/foreign-code.ts';
import { endedEarly } from '../adapt-streaming.ts';
import { maxAnswerBytes } from '../http/bounded-body.ts';
import { moduleError } from './module-error.ts';

/** Most parts of one stream; parts without text are parts too. */
const maxParts = 200_000;

interface Part {
  readonly delta: string;
  readonly finish?: unknown;
}

/** One call. `run` may throw, reject, or never end; `read` throws where what it gave is no answer. */
export async function containCall<Answer>(
  provider: string,
  signal: AbortSignal,
  run: (signal: AbortSignal) => unknown,
  read: (value: unknown) => Answer,
): Promise<Answer> {
  const own = foreignSignal(provider, signal);
  try {
    signal.throwIfAborted();
    return read(
      await unlessAborted(
        runForeignCode(provider, () => run(own.signal)),
        signal,
      ),
    );
  } catch (error) {
    throw moduleError(error, signal, provider);
  } finally {
    own.release();
  }
}

/**
 * One stream, pulled part by part. The signal `open` is given is aborted too when the stream is left, so that a module
 * that only passes it on closes its connection.
 */
export async function* containStream<Chunk extends Part>(
  provider: string,
  signal: AbortSignal,
  open: (signal: AbortSignal) => unknown,
  read: (value: unknown) => Chunk,
): AsyncGenerator<Chunk, void, undefined> {
  const own = foreignSignal(provider, signal);
  let iterator: AsyncIterator<unknown> | undefined;
  let bytes = 0;
  try {
    signal.throwIfAborted();
    const parts = iteratorOf(
      runForeignCode(provider, () => open(own.signal)),
      provider,
    );
    iterator = parts;
    const pull = () => parts.next();
    for (let count = 0; ; count++) {
      const next = await unlessAborted(runForeignCode(provider, pull), signal);
      if (next.done === true) throw endedEarly(provider);
      const chunk = read(next.value);
      bytes += Buffer.byteLength(chunk.delta);
      if (bytes > maxAnswerBytes || count > maxParts) throw tooMuch(provider);
      yield chunk;
      if (chunk.finish !== undefined) return;
    }
  } catch (error) {
    throw moduleError(error, signal, provider);
  } finally {
    own.release();
    own.abort();
    runForeignCode(provider, () => leave(iterator));
  }
}

/** A signal that follows ours. Whoever listens to it is the module's code, and must not run as if it were our own. */
function foreignSignal(provider: string, signal: AbortSignal) {
  // A user's module may hand it to the platform.
  const controller = new AbortController();
  const abort = () => runForeignCode(provider, () => controller.abort(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  return { signal: controller.signal, abort, release: () => signal.removeEventListener('abort', abort) };
}

/** Not awaited: a module that does not end its work has nobody waiting for it. */
function leave(iterator: AsyncIterator<unknown> | undefined): void {
  void Promise.resolve()
    .then(() => iterator?.return?.())
    .catch(() => {});
}

function iteratorOf(stream: unknown, provider: string): AsyncIterator<unknown> {
  if (typeof stream === 'object' && stream !== null && Symbol.asyncIterator in stream) {
    return (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  }
  throw new AiError('server', provider, `The module of ${provider} streams nothing that can be iterated.`, {
    retryable: false,
  });
}

/** Rejects as soon as the signal is aborted, whether the work notices or not; what it comes to later is nobody's. */
async function unlessAborted<Value>(work: Value | PromiseLike<Value>, signal: AbortSignal): Promise<Value> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  aborted.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function tooMuch(provider: string): AiError {
  const megabytes = maxAnswerBytes / (1024 * 1024);
  return new AiError('server', provider, `The answer is larger than ${megabytes} MB and was given up.`, {
    retryable: false,
  });
}
