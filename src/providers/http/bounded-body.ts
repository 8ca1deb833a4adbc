/** Limits on what a server may send. Apart because every wire reads through them, and nothing is read without one. */
import { AiError } from '../../domain/ai-error.ts';

/** Most bytes one answer or stream may have. */
export const maxAnswerBytes = 8 * 1024 * 1024;
/** Most bytes of an error body that are read. */
export const maxErrorBytes = 1024 * 1024;

/** The same bytes; rejects with `AiError` of kind `server` once there are more than `limit`. Pulls only when pulled. */
export async function* limitBytes(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  provider: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.byteLength;
    if (total > limit) {
      const megabytes = Math.round(limit / (1024 * 1024));
      throw new AiError('server', provider, `The answer is larger than ${megabytes} MB and was given up.`, {
        retryable: false,
      });
    }
    yield chunk;
  }
}

/** All of it as UTF-8 text. The iterable must be bounded already. */
export async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
