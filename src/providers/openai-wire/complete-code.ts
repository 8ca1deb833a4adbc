/** Completions on OpenAI's wire: by the model's own fill-in-the-middle tokens where it has them, else by asking it to fill a hole. */
import { AiError } from '../../domain/ai-error.ts';
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import type { FimForm } from '../../domain/provider-entry.ts';
import { cleanStream, createOutputCleaner, type OutputCleanerOptions } from '../prompt/clean-output.ts';
import { linePrefix } from '../prompt/context-text.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { closingTag, openingTag } from '../prompt/hole-filler.ts';
import { fimBody, holeFillerBody } from './convert-request.ts';
import type { WireChunk } from './read-stream.ts';
import type { OpenAiWire } from './wire.ts';
import type { WireOptions } from './wire-options.ts';

export type StreamCode = (request: CompletionRequest, signal: AbortSignal) => AsyncGenerator<CompletionChunk>;

/** `onNoRawEndpoint` is told once when tokens were tried because of the model's name, and the server only chats. */
export function createStreamCode(options: WireOptions, wire: OpenAiWire, onNoRawEndpoint: () => void): StreamCode {
  const { entry, fim, model } = options;
  let onlyChats = fim === 'none';

  const cleaned = (
    request: CompletionRequest,
    chunks: AsyncIterable<WireChunk>,
    note: string,
    wrapping: Omit<OutputCleanerOptions, 'maxLines'>,
  ) => {
    const maxLines = request.shape === 'line' ? 1 : request.maxLines;
    const cleaner = createOutputCleaner({ ...wrapping, maxLines });
    return cleanStream(withNote(chunks, note), cleaner, { model, note });
  };
  const byTokens = (form: Exclude<FimForm, 'none'>, request: CompletionRequest, signal: AbortSignal) =>
    cleaned(request, wire.streamRaw(fimBody(request, form, options), signal), `fim: ${form}`, {
      closers: fimPrompt(form, request.context).stop,
    });
  const byHoleFiller = (request: CompletionRequest, signal: AbortSignal) => {
    const before = linePrefix(request.context);
    // Only text put in front of a line that stands there already may end in a line end of its own.
    const trimEnd = before.trim() !== '' || /^[ \t]*(\n|$)/.test(request.context.suffix);
    return cleaned(request, wire.streamChat(holeFillerBody(request, options), signal), 'hole filler', {
      closers: [closingTag],
      wrapped: { openingTag, linePrefix: before, trimEnd },
    });
  };

  return async function* streamCode(request, signal) {
    if (fim !== 'none' && !onlyChats) {
      try {
        yield* byTokens(fim, request, signal);
        return;
      } catch (error) {
        // A form the user chose is not second-guessed.
        if (entry.fim !== undefined || !isMissing(error)) throw error;
        onlyChats = true;
        onNoRawEndpoint();
      }
    }
    yield* byHoleFiller(request, signal);
  };
}

/** Such an answer comes instead of the first chunk, never after it. */
function isMissing(error: unknown): boolean {
  return error instanceof AiError && (error.kind === 'notFound' || error.kind === 'unsupported');
}

/** A refusal is no code: of a completion only its text counts. */
async function* withNote(chunks: AsyncIterable<WireChunk>, note: string): AsyncGenerator<CompletionChunk> {
  for await (const { text, finish } of chunks) {
    yield { delta: text, ...(finish === undefined ? {} : { finish: { ...finish, note } }) };
  }
}
