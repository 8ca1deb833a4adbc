/** Answers of OpenAI's wire, whole and in parts, in our words. Shapes are looked at, never believed. */
import { AiError } from '../../domain/ai-error.ts';
import type { Usage } from '../../domain/usage.ts';
import { done, readEventValues } from '../http/event-values.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import type { AnswerFormat, AnswerPart } from '../http/read-answer.ts';
import { isFailure, mapFinishReason } from './map-finish-reason.ts';

/** As events and as one whole; `[DONE]` or a finish reason ends it. */
export const answerFormat: AnswerFormat = {
  values: readEventValues,
  partOf: (value) => (value === done ? { text: '', last: true } : wirePart(value)),
  isError,
  isWhole: ({ finish, last }) => finish !== undefined || last === true,
  wholeOf: wirePart,
};

export interface EmbeddingAnswer {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string;
  readonly inputTokens: number | undefined;
}

/** What one event of a stream, or a whole answer, says in its first choice; `undefined` where the value is no answer at all. */
export function wirePart(value: unknown): AnswerPart | undefined {
  if (!Array.isArray(member(value, 'choices'))) return undefined;
  const choice = firstChoice(value);
  const said = member(choice, 'delta') ?? member(choice, 'message');
  const refusal = textMember(said, 'refusal') ?? '';
  const reason = textMember(choice, 'finish_reason');
  const usage = wireUsage(member(value, 'usage'));
  const model = textMember(value, 'model');
  return {
    text: textMember(choice, 'text') ?? contentText(member(said, 'content')),
    ...(refusal === '' ? {} : { refusal }),
    ...(reason === undefined ? {} : { finish: mapFinishReason(reason) }),
    ...(usage === undefined ? {} : { usage }),
    ...(model === undefined || model === '' ? {} : { model }),
  };
}

/** Most servers put it under `error`; Mistral sends it bare and calls it one; some only say that the model broke off by one. */
function isError(value: unknown): boolean {
  if ((member(value, 'error') ?? null) !== null || textMember(value, 'object') === 'error') return true;
  return isFailure(textMember(firstChoice(value), 'finish_reason'));
}

function firstChoice(value: unknown): unknown {
  return listMember(value, 'choices').find((one) => (numberMember(one, 'index') ?? 0) === 0);
}

/** Some servers send content as a list of parts, of which only the text is the answer: the others are thoughts. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (textMember(part, 'type') === 'text' ? (textMember(part, 'text') ?? '') : '')).join('');
}

function wireUsage(value: unknown): Usage | undefined {
  const inputTokens = numberMember(value, 'prompt_tokens');
  if (inputTokens === undefined) return undefined;
  const cachedInputTokens = numberMember(member(value, 'prompt_tokens_details'), 'cached_tokens');
  return {
    inputTokens,
    outputTokens: numberMember(value, 'completion_tokens') ?? 0,
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
  };
}

/** What was asked for, to compare the answer with. */
export interface EmbeddingQuestion {
  readonly provider: string;
  readonly model: string;
  /** How many vectors. */
  readonly wanted: number;
}

/** In the order of the input, whatever order they came in. Throws `AiError` of kind `server` where some are missing. */
export function embeddingAnswer(value: unknown, { provider, model, wanted }: EmbeddingQuestion): EmbeddingAnswer {
  const listed = listMember(value, 'data').map((one, place) => ({
    index: numberMember(one, 'index') ?? place,
    vector: listMember(one, 'embedding').filter((number) => typeof number === 'number'),
  }));
  const vectors = listed.sort((one, other) => one.index - other.index).map(({ vector }) => vector);
  if (vectors.length !== wanted || vectors.some((vector) => vector.length === 0)) {
    throw new AiError('server', provider, `${provider} did not answer with one embedding for each text.`);
  }
  return {
    vectors,
    model: textMember(value, 'model') ?? model,
    inputTokens: numberMember(member(value, 'usage'), 'prompt_tokens'),
  };
}

/** The elements of a list of models, which some servers send bare. */
export function listedModels(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : listMember(value, 'data');
}

/** Tokens, where the server says so: vLLM as `max_model_len`, others as `context_length` or `context_window`. */
export function saidContextWindow(model: unknown): number | undefined {
  const names = ['max_model_len', 'context_length', 'context_window', 'max_context_length'];
  return names.map((name) => numberMember(model, name)).find((size) => size !== undefined && size > 0);
}
