/** Completions on OpenAI's wire: by the model's own fill-in-the-middle tokens where it has them, else by asking it to fill a hole. */
import { AiError } from '../../domain/ai-error.ts';
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import type { FimForm } from '../../domain/provider-entry.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { cleanStream, createOutputCleaner } from '../prompt/clean-output.ts';
import { fillHole } from '../prompt/fill-hole.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { fimBody, holeFillerBody } from './convert-request.ts';
import type { RawEndpoint } from './dialect.ts';
import type { OpenAiWire } from './wire.ts';
import type { WireOptions } from './wire-options.ts';

export type StreamCode = (request: CompletionRequest, signal: AbortSignal) => AsyncGenerator<CompletionChunk>;

/** `onNoRawEndpoint` is told once when tokens were tried because of the model's name, and the server only chats. */
export function createStreamCode(options: WireOptions, wire: OpenAiWire, onNoRawEndpoint: () => void): StreamCode {
  const { dialect, entry, model } = options;
  let onlyChats = false;

  const byTokens = (
    endpoint: RawEndpoint,
    form: Exclude<FimForm, 'none'>,
    request: CompletionRequest,
    signal: AbortSignal,
  ) => {
    const note = `fim: ${form}`;
    const maxLines = request.shape === 'line' ? 1 : request.maxLines;
    const cleaner = createOutputCleaner({ closers: fimPrompt(form, request.context).stop, maxLines });
    const chunks = wire.streamRaw(endpoint, fimBody(request, form, options), signal);
    return cleanStream(withNote(chunks, note), cleaner, { model, note });
  };
  const byHoleFiller = (request: CompletionRequest, signal: AbortSignal) =>
    fillHole(request, withNote(wire.streamChat(holeFillerBody(request, options), signal), 'hole filler'), model);

  return async function* streamCode(request, signal) {
    const { fim } = options;
    const { rawEndpoint } = dialect;
    if (rawEndpoint !== undefined && fim !== 'none' && !onlyChats) {
      try {
        yield* byTokens(rawEndpoint, fim, request, signal);
        return;
      } catch (error) {
        // A form the user chose is not second-guessed, nor is a vendor's own endpoint.
        if (entry.fim !== undefined || rawEndpoint.rendersTokens || !isMissing(error)) throw error;
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
async function* withNote(chunks: AsyncIterable<AnswerChunk>, note: string): AsyncGenerator<CompletionChunk> {
  for await (const { text, finish } of chunks) {
    yield { delta: text, ...(finish === undefined ? {} : { finish: { ...finish, note } }) };
  }
}
