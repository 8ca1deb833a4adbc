/** Answers of llama.cpp's server in our words: its own wire for completions, OpenAI's for chat. Shapes are looked at, never believed. */
import type { ModelInfo } from '../../domain/ai-provider.ts';
import type { Usage } from '../../domain/usage.ts';
import { done, readEventValues } from '../http/event-values.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import type { AnswerFormat } from '../http/read-answer.ts';
import { wirePart } from '../openai-wire/convert-response.ts';
import { mapFinishReason } from './map-finish-reason.ts';

const isError = (value: unknown) => (member(value, 'error') ?? null) !== null;

/** `/infill` and `/completion`: the last event has `stop`, and there is no `[DONE]`. */
export const completionFormat: AnswerFormat = {
  values: readEventValues,
  isError,
  partOf(value) {
    const text = textMember(value, 'content');
    const stop = member(value, 'stop') === true;
    if (text === undefined && !stop) return undefined;
    if (!stop) return { text: text ?? '' };
    const usage = usageOf(value);
    const model = textMember(value, 'model');
    return {
      text: text ?? '',
      finish: mapFinishReason(textMember(value, 'stop_type'), member(value, 'stopped_limit')),
      ...(usage === undefined ? {} : { usage }),
      ...(model === undefined || model === '' ? {} : { model: shortName(model) }),
      last: true,
    };
  },
};

/** What of the last event is wanted: the whole of it repeats the prompt and every setting. */
export const responseFields = [
  'content',
  'stop',
  'stop_type',
  'model',
  'tokens_evaluated',
  'tokens_predicted',
  'timings',
] as const;

/** `/v1/chat/completions`. Thoughts come in a member of their own, which is not read. */
export const chatFormat: AnswerFormat = {
  values: readEventValues,
  isError,
  partOf(value) {
    if (value === done) return { text: '', last: true };
    const part = wirePart(value);
    if (part === undefined) return undefined;
    return part.model === undefined ? part : { ...part, model: shortName(part.model) };
  },
};

/** What `/props` says of the server. */
export interface ServerProperties {
  readonly slots: number;
  /** Tokens each slot can hold. */
  readonly contextWindow: number | undefined;
  readonly model: string | undefined;
}

export function propertiesOf(value: unknown): ServerProperties {
  const model = textMember(value, 'model_alias') || textMember(value, 'model_path');
  return {
    slots: numberMember(value, 'total_slots') ?? 1,
    contextWindow: numberMember(member(value, 'default_generation_settings'), 'n_ctx'),
    model: model === undefined || model === '' ? undefined : shortName(model),
  };
}

export function modelsOf(value: unknown): readonly ModelInfo[] {
  return listMember(value, 'data').flatMap((model) => {
    const id = textMember(model, 'id');
    if (id === undefined) return [];
    const meta = member(model, 'meta');
    const contextWindow = numberMember(meta, 'n_ctx') ?? numberMember(meta, 'n_ctx_train');
    return [{ id, ...(contextWindow === undefined ? {} : { contextWindow }) }];
  });
}

/**
 * The vectors of `/embedding`, in the order of the input; `undefined` where the server gives one vector for each token,
 * which it does when it pools nothing.
 */
export function vectorsOf(value: unknown): readonly (readonly number[])[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const sorted = [...value].sort(
    (one, other) => (numberMember(one, 'index') ?? 0) - (numberMember(other, 'index') ?? 0),
  );
  const vectors = sorted.map((one) => {
    const embedding = listMember(one, 'embedding');
    const [first] = embedding;
    if (!Array.isArray(first)) return embedding;
    return embedding.length === 1 ? first : [];
  });
  if (vectors.some((vector) => vector.length === 0)) return undefined;
  return vectors.map((vector) => vector.filter((one): one is number => typeof one === 'number'));
}

/** A server without an alias is known by its file: its folder is nobody's business. */
function shortName(model: string): string {
  return model.slice(Math.max(model.lastIndexOf('/'), model.lastIndexOf('\\')) + 1);
}

function usageOf(value: unknown): Usage | undefined {
  const inputTokens = numberMember(value, 'tokens_evaluated');
  if (inputTokens === undefined) return undefined;
  const cachedInputTokens = numberMember(member(value, 'timings'), 'cache_n');
  return {
    inputTokens,
    outputTokens: numberMember(value, 'tokens_predicted') ?? 0,
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
  };
}
