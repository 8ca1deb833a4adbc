/** A provider whose calls end: after the time its caller gives them the connection is closed and the call fails as `timeout`. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Clock } from '../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import { createCallController } from '../util/call-signal.ts';

/** `total`: milliseconds a call may take in all. */
export function withDeadline(inner: AiProvider, total: (call: ProviderCall) => number, clock: Clock): AiProvider {
  return wrapProvider(inner, {
    unary: (call, signal, run) => within(inner.name, total(call), signal, clock, run),
    stream: (call, signal, open) => streamWithin(inner.name, total(call), signal, clock, open),
  });
}

async function within<Result>(
  provider: string,
  limit: number,
  signal: AbortSignal,
  clock: Clock,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = startDeadline(limit, signal, clock, () => timedOut(provider, limit));
  try {
    return await Promise.race([call(deadline.signal), deadline.aborted]);
  } catch (error) {
    throw deadline.expired() ? deadline.signal.reason : error;
  } finally {
    deadline.stop();
  }
}

async function* streamWithin<Chunk>(
  provider: string,
  limit: number,
  signal: AbortSignal,
  clock: Clock,
  open: (signal: AbortSignal) => AsyncIterable<Chunk>,
): AsyncIterable<Chunk> {
  const deadline = startDeadline(limit, signal, clock, () => timedOut(provider, limit));
  const iterator = open(deadline.signal)[Symbol.asyncIterator]();
  try {
    while (true) {
      const step = await Promise.race([iterator.next(), deadline.aborted]);
      if (step.done === true) return;
      yield step.value;
    }
  } catch (error) {
    throw deadline.expired() ? deadline.signal.reason : error;
  } finally {
    deadline.stop();
    // A provider that ignores the abort must not hold up its caller: closing it is not awaited.
    iterator.return?.().catch(() => undefined);
  }
}

/** The caller's signal, or the clock, whichever comes first. `tooLate` is the reason the clock aborts with. */
export function startDeadline(limit: number, signal: AbortSignal, clock: Clock, tooLate: () => AiError) {
  const controller = createCallController();
  let expired = false;
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const timer = clock.setTimeout(() => {
    expired = true;
    controller.abort(tooLate());
  }, limit);
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return {
    signal: controller.signal,
    aborted,
    expired: () => expired,
    stop() {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    },
  };
}

function timedOut(provider: string, limit: number): AiError {
  return new AiError(
    'timeout',
    provider,
    `"${provider}" did not finish within ${limit} ms. Try again, or allow more time in the settings.`,
  );
}
