/** Answers of OpenAI's wire, whole and in parts, in our words. Shapes are looked at, never believed. */
import type { FinishReason } from '../../domain/completion.ts';
import type { Usage } from '../../domain/usage.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import { mapFinishReason } from './map-finish-reason.ts';

/** What one event of a stream, or a whole answer, says. */
export interface WirePart {
  /** New text of the first choice. */
  readonly text: string;
  /** The model's words for not answering; they come beside the text. */
  readonly refusal: string;
  readonly finish?: FinishReason;
  readonly usage?: Usage;
  readonly model?: string;
}

/** `undefined` where the value is no answer at all. */
export function wirePart(value: unknown): WirePart | undefined {
  if (!Array.isArray(member(value, 'choices'))) return undefined;
  const choice = listMember(value, 'choices').find((one) => (numberMember(one, 'index') ?? 0) === 0);
  const said = member(choice, 'delta') ?? member(choice, 'message');
  const refusal = textMember(said, 'refusal') ?? '';
  const reason = textMember(choice, 'finish_reason');
  const usage = wireUsage(member(value, 'usage'));
  const model = textMember(value, 'model');
  return {
    text: textMember(choice, 'text') ?? contentText(member(said, 'content')),
    refusal,
    ...(reason === undefined ? {} : { finish: refusal === '' ? mapFinishReason(reason) : 'filtered' }),
    ...(usage === undefined ? {} : { usage }),
    ...(model === undefined || model === '' ? {} : { model }),
  };
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
