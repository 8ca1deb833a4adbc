/** Ollama's answers in our words. Shapes are looked at, never believed. */
import type { ModelInfo } from '../../domain/ai-provider.ts';
import type { Usage } from '../../domain/usage.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import { readJsonLines } from '../http/newline-delimited-json.ts';
import type { AnswerFormat, AnswerPart } from '../http/read-answer.ts';
import { mapFinishReason } from './map-finish-reason.ts';

/** `/api/generate` puts text into `response`, `/api/chat` into `message`; thoughts have a member of their own, which is not read. */
export const answerFormat: AnswerFormat = {
  async *values(body, provider) {
    for await (const value of readJsonLines(body, provider)) yield [value];
  },
  isError: (value) => (member(value, 'error') ?? null) !== null,
  partOf(value): AnswerPart | undefined {
    const said = textMember(value, 'response') ?? textMember(member(value, 'message'), 'content');
    const text = said ?? '';
    if (member(value, 'done') !== true) return said === undefined ? undefined : { text };
    const usage = usageOf(value);
    const model = textMember(value, 'model');
    return {
      text,
      finish: mapFinishReason(textMember(value, 'done_reason')),
      ...(usage === undefined ? {} : { usage }),
      ...(model === undefined || model === '' ? {} : { model }),
      last: true,
    };
  },
};

export interface Embeddings {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string | undefined;
  readonly inputTokens: number | undefined;
}

export function embeddingsOf(value: unknown): Embeddings {
  return {
    vectors: listMember(value, 'embeddings').map((vector) =>
      Array.isArray(vector) ? vector.filter((one): one is number => typeof one === 'number') : [],
    ),
    model: textMember(value, 'model'),
    inputTokens: numberMember(value, 'prompt_eval_count'),
  };
}

/** The models of `/api/tags`. How much they can read depends on how they are loaded, so nothing is said of it. */
export function modelsOf(value: unknown): readonly ModelInfo[] {
  return listMember(value, 'models').flatMap((model) => {
    const id = textMember(model, 'model') ?? textMember(model, 'name');
    return id === undefined ? [] : [{ id }];
  });
}

/** What of `/api/show` decides how the model completes. */
export interface ModelCard {
  /** For example `completion`, `insert`, `embedding`; empty from servers that do not say. */
  readonly capabilities: readonly string[];
  readonly template: string;
  /** What the model may be known by, its own name aside. */
  readonly otherNames: readonly string[];
}

export function modelCardOf(value: unknown): ModelCard {
  const info = member(value, 'model_info');
  const names = [
    textMember(member(value, 'details'), 'parent_model'),
    textMember(info, 'general.basename'),
    textMember(info, 'general.name'),
  ];
  return {
    capabilities: listMember(value, 'capabilities').filter((one): one is string => typeof one === 'string'),
    template: textMember(value, 'template') ?? '',
    // A name with blanks in it ("Qwen2.5 Coder 1.5B") is written like one without.
    otherNames: names.flatMap((name) => (name === undefined || name === '' ? [] : [name.replaceAll(' ', '-')])),
  };
}

/** The prompt's count is absent where all of it was cached. */
function usageOf(value: unknown): Usage | undefined {
  const outputTokens = numberMember(value, 'eval_count');
  const inputTokens = numberMember(value, 'prompt_eval_count');
  if (outputTokens === undefined && inputTokens === undefined) return undefined;
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 };
}
