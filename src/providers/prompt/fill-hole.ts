/** The code in an answer to the hole-filler prompt. Apart because every wire that only chats completes by it. */
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import { cleanStream, createOutputCleaner } from './clean-output.ts';
import { linePrefix } from './context-text.ts';
import { closingTag, openingTag } from './hole-filler.ts';

/** Cleans the chunks of a stream; leaves it, which closes its connection, once the hole is filled. */
export function fillHole(
  request: CompletionRequest,
  chunks: AsyncIterable<CompletionChunk>,
  model: string,
): AsyncGenerator<CompletionChunk, void, undefined> {
  const before = linePrefix(request.context);
  // Only text put in front of a line that stands there already may end in a line end of its own.
  const trimEnd = before.trim() !== '' || /^[ \t]*(\n|$)/.test(request.context.suffix);
  const cleaner = createOutputCleaner({
    closers: [closingTag],
    maxLines: request.shape === 'line' ? 1 : request.maxLines,
    wrapped: { openingTag, linePrefix: before, trimEnd },
  });
  return cleanStream(chunks, cleaner, { model, note: 'hole filler' });
}
