/** The code in an answer to a fill-in-the-middle prompt. Apart because every wire with tokens or an endpoint of its own for it ends here. */
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import { cleanStream, createOutputCleaner } from './clean-output.ts';

/** Cleans the chunks of a stream; leaves it, which closes its connection, once there is enough. `closers` end it wherever they occur. */
export function fillMiddle(
  request: CompletionRequest,
  chunks: AsyncIterable<CompletionChunk>,
  closers: readonly string[],
  model: string,
): AsyncGenerator<CompletionChunk, void, undefined> {
  const cleaner = createOutputCleaner({ closers, maxLines: request.shape === 'line' ? 1 : request.maxLines });
  return cleanStream(chunks, cleaner, { model });
}
