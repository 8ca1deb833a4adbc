/**
 * Completions on llama.cpp's server: by its own `/infill` where the model's file says its tokens, by the tokens of the
 * model's family where only its name tells them, else by asking it to fill a hole.
 */
import { AiError } from '../../domain/ai-error.ts';
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import type { FimForm, ProviderEntry } from '../../domain/provider-entry.ts';
import { asCompletion, noted } from '../answer-chunks.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { modelFacts } from '../models.ts';
import { fillHole } from '../prompt/fill-hole.ts';
import { fillMiddle } from '../prompt/fill-middle.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { holeFillerBody, infillBody, type LlamaBody, rawBody } from './convert-request.ts';

export interface CompletionStreams {
  /** `/infill` or `/completion`. */
  native(path: string, body: LlamaBody, signal: AbortSignal): AsyncIterable<AnswerChunk>;
  /** `/v1/chat/completions`. */
  chat(body: LlamaBody, signal: AbortSignal): AsyncIterable<AnswerChunk>;
}

export interface CodeCompleter {
  /** As far as is known: the server says no before the first completion only. */
  readonly fim: boolean;
  stream(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionChunk, void, undefined>;
}

/** `modelName`: what the server calls its model, as soon as it is known. */
export function createCodeCompleter(
  entry: ProviderEntry,
  streams: CompletionStreams,
  modelName: () => string,
): CodeCompleter {
  let infills: boolean | undefined;

  function infill(request: CompletionRequest, signal: AbortSignal) {
    const chunks = streams.native('/infill', infillBody(request, entry), signal);
    const why = entry.fim === 'suffix' ? 'the settings say so' : "the model's file names its tokens";
    return noted(fillMiddle(request, asCompletion(chunks), [], modelName()), `fim: /infill: ${why}`);
  }

  function byTokens(form: Exclude<FimForm, 'none' | 'suffix'>, request: CompletionRequest, signal: AbortSignal) {
    const chunks = streams.native('/completion', rawBody(request, form, entry), signal);
    const { stop } = fimPrompt(form, request.context);
    const why = entry.fim === form ? 'the settings say so' : 'the model has no /infill, and its name tells its family';
    return noted(fillMiddle(request, asCompletion(chunks), stop, modelName()), `fim: ${form} tokens: ${why}`);
  }

  function byHoleFiller(request: CompletionRequest, signal: AbortSignal) {
    const chunks = streams.chat(holeFillerBody(request, entry), signal);
    const why =
      entry.fim === 'none'
        ? 'the settings say so'
        : 'the model has no /infill, and its name tells no family with tokens';
    return noted(fillHole(request, asCompletion(chunks), modelName()), `hole filler: ${why}`);
  }

  function withoutInfill(request: CompletionRequest, signal: AbortSignal) {
    const fim = entry.fim ?? modelFacts(modelName()).fim;
    return fim === 'none' || fim === 'suffix' ? byHoleFiller(request, signal) : byTokens(fim, request, signal);
  }

  return {
    get fim() {
      if (entry.fim !== undefined) return entry.fim !== 'none';
      return infills !== false || modelFacts(modelName()).fim !== 'none';
    },
    async *stream(request, signal) {
      const chosen = entry.fim !== undefined && entry.fim !== 'suffix';
      if (!chosen && infills !== false) {
        try {
          for await (const chunk of infill(request, signal)) {
            infills = true;
            yield chunk;
          }
          return;
        } catch (error) {
          // Comes instead of the first chunk. A form the user chose is not second-guessed.
          const refused = error instanceof AiError && error.kind === 'unsupported' && infills !== true;
          if (!refused || entry.fim === 'suffix') throw error;
          infills = false;
        }
      }
      yield* withoutInfill(request, signal);
    },
  };
}
