/**
 * One request and its answer on undici's dispatcher, read piece by piece. Apart because undici's own `request` makes a
 * stream of every answer, waits with a cancelled call until its connection is there, and does not say when it is.
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../domain/ports.ts';

export interface Exchange {
  readonly dispatcher: Dispatcher;
  readonly request: Dispatcher.DispatchOptions;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Milliseconds until the request is on a connection, a proxy's answer included. One that is open already takes none. */
  readonly connectWithin: number;
  /** What the call fails with where that takes longer. */
  tooSlow(): Error;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /**
   * For one reader. Pulls only when pulled; what came is held up to 64 KB. Rejects with the signal's reason, or with what
   * undici or the socket failed with. Leaving it before its end closes the connection.
   */
  readonly body: AsyncIterableIterator<Uint8Array, void, undefined>;
}

/** What of an answer may wait to be read before the sender is made to wait (bytes); as much as undici's streams hold. */
const MOST_HELD = 65_536;

/** Rejects at once where the signal is aborted or connecting takes too long; what comes of the connection then is the next call's. */
export function exchange(call: Exchange): Promise<ExchangeAnswer> {
  const { signal, clock } = call;
  return new Promise((resolve, reject) => {
    const body = createBody(() => settle());
    let controller: Dispatcher.DispatchController | undefined;
    let connecting: ReturnType<Clock['setTimeout']> | undefined;
    let given = false;
    let over: { readonly failure: unknown } | undefined;

    /** Nothing of the call is needed any more. */
    function settle(): void {
      clock.clearTimeout(connecting);
      signal.removeEventListener('abort', cancel);
    }

    function fail(failure: unknown): void {
      if (over !== undefined) return;
      over = { failure };
      settle();
      if (given) body.fail(failure);
      else reject(failure);
    }

    function cancel(): void {
      fail(signal.reason);
      controller?.abort(asError(signal.reason));
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        // Thrown, not aborted: that would close a connection the next call can use.
        if (over !== undefined) throw asError(over.failure);
        controller = started;
        clock.clearTimeout(connecting);
      },
      onResponseStart(started, status, headers) {
        // Others announce the answer.
        if (status < 200) return;
        given = true;
        resolve({ status, headers, body: body.readThrough(started) });
      },
      onResponseData: (started, piece) => body.push(piece, started),
      onResponseEnd() {
        settle();
        body.end();
      },
      onResponseError: (_controller, error) => fail(error),
    };

    signal.addEventListener('abort', cancel, { once: true });
    try {
      call.dispatcher.dispatch(call.request, handler);
    } catch (error) {
      fail(error);
    }
    if (controller !== undefined || over !== undefined) return;
    connecting = clock.setTimeout(() => fail(call.tooSlow()), call.connectWithin);
  });
}

/** `onLeft` is called when the reader leaves before the end. */
function createBody(onLeft: () => void) {
  const held: Uint8Array[] = [];
  let bytes = 0;
  let end: { readonly failure?: unknown } | undefined;
  let waiting: { resolve(step: IteratorResult<Uint8Array, void>): void; reject(reason: unknown): void } | undefined;

  function finish(how: { readonly failure?: unknown }): void {
    if (end !== undefined) return;
    end = how;
    if (waiting === undefined) return;
    if ('failure' in how) waiting.reject(how.failure);
    else waiting.resolve(LAST);
    waiting = undefined;
  }

  return {
    push(piece: Uint8Array, controller: Dispatcher.DispatchController): void {
      if (waiting !== undefined) {
        waiting.resolve({ done: false, value: piece });
        waiting = undefined;
        return;
      }
      held.push(piece);
      bytes += piece.byteLength;
      if (bytes > MOST_HELD) controller.pause();
    },
    end: () => finish({}),
    /** What came before is not given any more: a broken answer is none. */
    fail(failure: unknown): void {
      held.length = 0;
      finish({ failure });
    },
    readThrough: (controller: Dispatcher.DispatchController): ExchangeAnswer['body'] => ({
      next() {
        const piece = held.shift();
        if (piece !== undefined) {
          bytes -= piece.byteLength;
          if (bytes <= MOST_HELD && controller.paused) controller.resume();
          return Promise.resolve({ done: false, value: piece });
        }
        if (end === undefined) return new Promise((resolve, reject) => (waiting = { resolve, reject }));
        return 'failure' in end ? Promise.reject(end.failure) : Promise.resolve(LAST);
      },
      return() {
        if (end === undefined) {
          finish({});
          onLeft();
          controller.abort(new Error('The reader left.'));
        }
        held.length = 0;
        return Promise.resolve(LAST);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    }),
  };
}

const LAST: IteratorReturnResult<void> = { done: true, value: undefined };

/** A signal may be aborted with anything. */
function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
