/** A provider whose attempts give up early: on a first token that does not come, and on a silence in the middle. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Clock } from '../domain/ports.ts';
import { type ChunkLike, type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import { createCallController } from '../util/call-signal.ts';
import { followSignal } from '../util/follow-signal.ts';

/** Milliseconds. */
export interface AttemptLimits {
  /** Until the request is on a connection. Absent: as whoever connects has it. */
  readonly connect?: number;
  /** Connecting and waiting for the first text. */
  readonly firstToken: number;
  /** Between two parts of a stream. */
  readonly stall: number;
}

interface Attempt extends AttemptLimits {
  readonly provider: string;
  /** What a call is aborted with whose reader wants no more of it. */
  readonly left: unknown;
  readonly clock: Clock;
}

/** A call that answers in one piece has nothing to judge it by between its connection and the whole deadline. */
export function withAttemptDeadline(
  inner: AiProvider,
  limitsFor: (call: ProviderCall) => AttemptLimits,
  clock: Clock,
): AiProvider {
  // One for all: most readers of a completion leave before its end, and an abort without a reason makes an error for each.
  const left = new DOMException('The reader left.', 'AbortError');
  return wrapProvider(inner, {
    async unary(call, signal, run) {
      const own = followSignal(signal, limitsFor(call).connect);
      try {
        return await run(own.signal);
      } finally {
        own.release();
      }
    },
    stream: (call, signal, open) => patient({ provider: inner.name, left, clock, ...limitsFor(call) }, signal, open),
  });
}

async function* patient<Chunk extends ChunkLike>(
  { provider, left, clock, connect, firstToken, stall }: Attempt,
  signal: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<Chunk>,
): AsyncIterable<Chunk> {
  const patience = createPatience(signal, connect, clock);
  const iterator = open(patience.signal)[Symbol.asyncIterator]();
  let begun = false;
  let ended = false;
  try {
    while (true) {
      const step: IteratorResult<Chunk> = await patience.wait(iterator.next(), begun ? stall : firstToken);
      if (step.done === true) {
        ended = true;
        return;
      }
      begun ||= step.value.delta !== '';
      yield step.value;
    }
  } catch (error) {
    throw patience.expired() ? silent(provider, begun ? stall : firstToken, begun) : error;
  } finally {
    patience.dispose();
    if (!ended) {
      patience.abort(left);
      iterator.return?.().catch(() => undefined);
    }
  }
}

/** One for a whole stream: a new signal for each of its parts would take longer than passing the part on. */
function createPatience(signal: AbortSignal, connect: number | undefined, clock: Clock) {
  const controller = createCallController(connect);
  let expired = false;
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    if (controller.signal.aborted) reject(signal.reason);
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return {
    signal: controller.signal,
    /** The step, or a rejection after so many milliseconds. */
    async wait<Step>(step: Promise<Step>, limit: number): Promise<Step> {
      const timer = clock.setTimeout(() => {
        expired = true;
        controller.abort();
      }, limit);
      try {
        return await Promise.race([step, aborted]);
      } finally {
        clock.clearTimeout(timer);
      }
    },
    expired: () => expired,
    abort: (reason: unknown) => controller.abort(reason),
    dispose: () => signal.removeEventListener('abort', abort),
  };
}

function silent(provider: string, limit: number, begun: boolean): AiError {
  const what = begun ? `fell silent for ${limit} ms in the middle of its answer` : `sent nothing for ${limit} ms`;
  const message = `"${provider}" ${what}. Try again, or allow more time in the settings.`;
  // Who was silent for that long would be waited for as long again: whoever can answer instead comes first.
  return new AiError('timeout', provider, message, { retryable: false });
}
