/** A provider whose attempts give up early: on a first token that does not come, and on a silence in the middle. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Clock } from '../domain/ports.ts';
import { type ChunkLike, type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import { startDeadline } from './deadline.ts';

/** Milliseconds. */
export interface AttemptLimits {
  /** Connecting and waiting for the first text. */
  readonly firstToken: number;
  /** Between two parts of a stream. */
  readonly stall: number;
}

/** Streams only: a call that answers in one piece has nothing to judge it by before the whole deadline. */
export function withAttemptDeadline(
  inner: AiProvider,
  limitsFor: (call: ProviderCall) => AttemptLimits,
  clock: Clock,
): AiProvider {
  return wrapProvider(inner, {
    unary: (_call, signal, run) => run(signal),
    stream: (call, signal, open) => patient(inner.name, limitsFor(call), signal, clock, open),
  });
}

async function* patient<Chunk extends ChunkLike>(
  provider: string,
  { firstToken, stall }: AttemptLimits,
  signal: AbortSignal,
  clock: Clock,
  open: (signal: AbortSignal) => AsyncIterable<Chunk>,
): AsyncIterable<Chunk> {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const iterator = open(controller.signal)[Symbol.asyncIterator]();
  let begun = false;
  try {
    while (true) {
      const limit = begun ? stall : firstToken;
      const deadline = startDeadline(limit, controller.signal, clock);
      try {
        const step = await Promise.race([iterator.next(), deadline.aborted]);
        if (step.done === true) return;
        begun ||= step.value.delta !== '';
        deadline.stop();
        yield step.value;
      } catch (error) {
        throw deadline.expired() ? silent(provider, limit, begun) : error;
      } finally {
        deadline.stop();
      }
    }
  } finally {
    signal.removeEventListener('abort', abort);
    controller.abort();
    iterator.return?.().catch(() => undefined);
  }
}

function silent(provider: string, limit: number, begun: boolean): AiError {
  const what = begun ? `fell silent for ${limit} ms in the middle of its answer` : `sent nothing for ${limit} ms`;
  const message = `"${provider}" ${what}. Try again, or allow more time in the settings.`;
  // Who was silent for that long would be waited for as long again: whoever can answer instead comes first.
  return new AiError('timeout', provider, message, { retryable: false });
}
