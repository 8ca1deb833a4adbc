/** The code in an answer to a fill-in-the-middle prompt, and what is said of how it was asked for. Apart because every wire spoken directly ends here. */
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

/** What a wire read, as parts of a completion. */
export async function* asCompletion(
  chunks: AsyncIterable<{ readonly text: string; readonly finish?: NonNullable<CompletionChunk['finish']> }>,
): AsyncGenerator<CompletionChunk, void, undefined> {
  for await (const { text, finish } of chunks) yield { delta: text, ...(finish === undefined ? {} : { finish }) };
}

/** The same completion; its end says which form of prompt was used, and why. */
export async function* noted(
  chunks: AsyncIterable<CompletionChunk>,
  note: string,
): AsyncGenerator<CompletionChunk, void, undefined> {
  for await (const { delta, finish } of chunks) {
    yield { delta, ...(finish === undefined ? {} : { finish: { ...finish, note } }) };
  }
}
