/** Limits on what a server may send. Apart because every wire reads through them, and nothing is read without one. */
import { AiError } from '../../domain/ai-error.ts';
import { createUtf8Decoder } from '../../util/utf8-decoder.ts';

/** Most bytes one answer or stream may have. */
export const maxAnswerBytes = 8 * 1024 * 1024;
/** Most bytes of an error body that are read. */
export const maxErrorBytes = 1024 * 1024;

export interface BodyBounds {
  readonly provider: string;
  /** Bytes. */
  readonly limit: number;
  /** What a failure means. */
  translate(error: unknown): AiError;
  /** Called once when the reader leaves before the end, or the call is cancelled: its connection is closed then. */
  onLeft(): void;
}

/** The same bytes; rejects with `AiError`, of kind `server` once there are more than the limit. Pulls only when pulled. */
export function boundedBody(
  pieces: AsyncIterableIterator<Uint8Array, void, undefined>,
  { provider, limit, translate, onLeft }: BodyBounds,
): AsyncIterable<Uint8Array> {
  let total = 0;
  let over = false;

  function leave(): void {
    if (over) return;
    over = true;
    onLeft();
  }

  function counted(step: IteratorResult<Uint8Array, void>): IteratorResult<Uint8Array, void> {
    if (step.done === true) over = true;
    else total += step.value.byteLength;
    if (total <= limit) return step;
    const megabytes = Math.round(limit / (1024 * 1024));
    void pieces.return?.();
    leave();
    throw new AiError('server', provider, `The answer is larger than ${megabytes} MB and was given up.`, {
      retryable: false,
    });
  }

  function failed(thrown: unknown): never {
    const error = translate(thrown);
    if (error.kind === 'cancelled') leave();
    over = true;
    throw error;
  }

  // No generator: it would take its time for each piece of every answer.
  const iterator = {
    next: () => pieces.next().then(counted, failed),
    async return(): Promise<IteratorReturnResult<void>> {
      await pieces.return?.();
      leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

/** All of it as UTF-8 text. The iterable must be bounded already. */
export async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = createUtf8Decoder();
  let text = '';
  for await (const chunk of chunks) text += decoder.push(chunk);
  return text + decoder.end();
}
