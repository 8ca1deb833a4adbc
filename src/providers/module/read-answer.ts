/** What a user's module answers, looked at field by field: it was written by hand and nobody compiled it against our types. */
import { AiError } from '../../domain/ai-error.ts';
import type { EmbedResponse, ModelInfo, ProviderHealth } from '../../domain/ai-provider.ts';
import { type ChatResponse, type ChatResponseChunk, chatResponse } from '../../domain/chat.ts';
import {
  type CompletionChunk,
  type CompletionResponse,
  completionResponse,
  type FinishReason,
} from '../../domain/completion.ts';
import type { Usage } from '../../domain/usage.ts';
import { maxAnswerBytes } from '../http/bounded-body.ts';
import { member, numberMember, textMember } from '../http/json.ts';

export interface AnswerReader {
  chat(value: unknown): ChatResponse;
  chunk(value: unknown): ChatResponseChunk & CompletionChunk;
  completion(value: unknown): CompletionResponse;
  embeddings(value: unknown, wanted: number): EmbedResponse;
  tokens(value: unknown): { readonly tokens: number; readonly exact: boolean };
  models(value: unknown): readonly ModelInfo[];
  health(value: unknown): ProviderHealth;
}

const healthStates = ['ready', 'degraded', 'open', 'unconfigured', 'unreachable'] as const;

/** Every function throws `AiError` of kind `server` that names the field. `model` stands in where an answer names none. */
export function createAnswerReader(provider: string, model: string): AnswerReader {
  const wrong = (what: string): AiError =>
    new AiError('server', provider, `The module of ${provider} answered wrongly: ${what}.`, { retryable: false });
  const text = (value: unknown, what: string): string => {
    if (typeof value !== 'string') throw wrong(`${what} is no text`);
    if (value.length > maxAnswerBytes) throw wrong(`${what} is too long`);
    return value;
  };
  const list = (value: unknown, what: string): readonly unknown[] => {
    if (Array.isArray(value)) return value;
    throw wrong(`${what} is no list`);
  };
  const ending = (value: unknown) => ({
    model: textMember(value, 'model') ?? model,
    ...usageOf(member(value, 'usage')),
  });
  const reasonOf = (value: unknown, name: string): FinishReason => {
    const said = member(value, name) ?? 'stop';
    if (said === 'stop' || said === 'length' || said === 'filtered') return said;
    throw wrong(`${name} is none of "stop", "length" and "filtered"`);
  };
  const note = (value: unknown) => {
    const said = textMember(value, 'note');
    return said === undefined ? {} : { note: said.slice(0, 300) };
  };

  return {
    chat: (value) =>
      chatResponse(text(member(member(value, 'message'), 'content'), 'message.content'), {
        ...ending(value),
        finishReason: reasonOf(value, 'finishReason'),
      }),
    chunk(value) {
      const delta = text(member(value, 'delta'), 'delta');
      const finish = member(value, 'finish');
      if (finish === undefined) return { delta };
      return { delta, finish: { ...ending(finish), ...note(finish), reason: reasonOf(finish, 'reason') } };
    },
    completion: (value) =>
      completionResponse({
        candidates: list(member(value, 'candidates'), 'candidates').map((one) => {
          const score = numberMember(one, 'score');
          const candidate = { text: text(member(one, 'text'), 'text of a candidate') };
          return score === undefined ? candidate : { ...candidate, score };
        }),
        ...ending(value),
        ...note(value),
        finishReason: reasonOf(value, 'finishReason'),
      }),
    embeddings(value, wanted) {
      const vectors = list(member(value, 'vectors'), 'vectors').map((vector) =>
        list(vector, 'a vector').map((number) => {
          if (typeof number === 'number') return number;
          throw wrong('a vector holds something that is no number');
        }),
      );
      if (vectors.length !== wanted) throw wrong(`${vectors.length} vectors for ${wanted} texts`);
      return { vectors, dimensions: vectors[0]?.length ?? 0, ...ending(value) };
    },
    tokens(value) {
      const tokens = numberMember(value, 'tokens');
      if (tokens === undefined || tokens < 0) throw wrong('tokens is no number');
      return { tokens, exact: member(value, 'exact') === true };
    },
    models: (value) =>
      list(value, 'the list of models').map((one) => {
        const contextWindow = numberMember(one, 'contextWindow');
        const id = text(member(one, 'id'), 'id of a model');
        return contextWindow === undefined ? { id } : { id, contextWindow };
      }),
    health(value) {
      const state = healthStates.find((one) => one === member(value, 'state'));
      if (state === undefined) throw wrong(`state is none of ${healthStates.map((one) => `"${one}"`).join(', ')}`);
      const message = textMember(value, 'message');
      return message === undefined ? { state } : { state, message: message.slice(0, 300) };
    },
  };
}

function usageOf(value: unknown): { readonly usage?: Usage } {
  const inputTokens = numberMember(value, 'inputTokens');
  const outputTokens = numberMember(value, 'outputTokens');
  if (inputTokens === undefined || outputTokens === undefined) return {};
  const cachedInputTokens = numberMember(value, 'cachedInputTokens');
  return { usage: { inputTokens, outputTokens, ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }) } };
}
