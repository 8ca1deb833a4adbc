/** Completions on OpenAI's wire: by the model's own fill-in-the-middle tokens where it has them, else by asking it to fill a hole. */
import { AiError } from '../../domain/ai-error.ts';
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import type { FimForm } from '../../domain/provider-entry.ts';
import { asCompletion, noted } from '../answer-chunks.ts';
import { fillHole } from '../prompt/fill-hole.ts';
import { fillMiddle } from '../prompt/fill-middle.ts';
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
    const chunks = asCompletion(wire.streamRaw(endpoint, fimBody(request, form, options), signal));
    return noted(fillMiddle(request, chunks, fimPrompt(form, request.context).stop, model), `fim: ${form}`);
  };
  const byHoleFiller = (request: CompletionRequest, signal: AbortSignal) =>
    noted(
      fillHole(request, asCompletion(wire.streamChat(holeFillerBody(request, options), signal)), model),
      'hole filler',
    );

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
