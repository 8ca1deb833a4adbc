/** Gemini's answers, whole and in parts, in our words. Shapes are looked at, never believed; thoughts are left out. */
import type { Usage } from '../../domain/usage.ts';
import { readEventValues } from '../http/event-values.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import type { AnswerFormat, AnswerPart } from '../http/read-answer.ts';
import { explainFilter, mapFinishReason } from './map-finish-reason.ts';

/** As events, of which the one with a finish reason is the last, and as one whole. */
export function answerFormat(provider: string): AnswerFormat {
  const partOf = (value: unknown) => geminiPart(value, provider);
  return { values: readEventValues, partOf, isError, wholeOf: partOf };
}

/** The OpenAI-like layer of the same address puts an error into a list. A prompt that was blocked is not answered at all. */
function isError(value: unknown): boolean {
  return (errorMember(value) ?? null) !== null || blockReason(value) !== undefined;
}

export function errorMember(value: unknown): unknown {
  return member(Array.isArray(value) ? value[0] : value, 'error');
}

/** Why the prompt was not answered, in Gemini's word. */
export function blockReason(value: unknown): string | undefined {
  return specified(textMember(member(value, 'promptFeedback'), 'blockReason'));
}

/** What the first candidate says; `undefined` where the value is no answer at all. */
function geminiPart(value: unknown, provider: string): AnswerPart | undefined {
  const counts = member(value, 'usageMetadata');
  const candidates = listMember(value, 'candidates');
  if (candidates.length === 0 && member(value, 'promptFeedback') === undefined && counts === undefined)
    return undefined;
  const candidate = candidates.find((one) => (numberMember(one, 'index') ?? 0) === 0);
  const usage = usageOf(counts);
  const model = textMember(value, 'modelVersion');
  return {
    text: listMember(member(candidate, 'content'), 'parts').map(answerText).join(''),
    ...ending(specified(textMember(candidate, 'finishReason')), provider),
    ...(usage === undefined ? {} : { usage }),
    ...(model === undefined || model === '' ? {} : { model }),
  };
}

function ending(reason: string | undefined, provider: string): Pick<AnswerPart, 'finish' | 'filter' | 'last'> {
  if (reason === undefined) return {};
  const finish = mapFinishReason(reason);
  return { finish, last: true, ...(finish === 'filtered' ? { filter: explainFilter(reason, provider) } : {}) };
}

function answerText(part: unknown): string {
  return member(part, 'thought') === true ? '' : (textMember(part, 'text') ?? '');
}

/** `FINISH_REASON_UNSPECIFIED` and its like are how the format spells "nothing yet". */
function specified(reason: string | undefined): string | undefined {
  return reason === undefined || reason === '' || reason.endsWith('_UNSPECIFIED') ? undefined : reason;
}

/** Thoughts are counted apart and cost the same. */
function usageOf(value: unknown): Usage | undefined {
  const inputTokens = numberMember(value, 'promptTokenCount');
  if (inputTokens === undefined) return undefined;
  const cachedInputTokens = numberMember(value, 'cachedContentTokenCount');
  return {
    inputTokens,
    outputTokens: (numberMember(value, 'candidatesTokenCount') ?? 0) + (numberMember(value, 'thoughtsTokenCount') ?? 0),
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
  };
}
