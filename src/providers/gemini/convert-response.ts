/** Gemini's answers, whole and in parts, in our words. Shapes are looked at, never believed; thoughts are left out. */
import type { Usage } from '../../domain/usage.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';

/** What one event of a stream, or a whole answer, says. */
export interface GeminiPart {
  /** New text of the first candidate, without its thoughts. */
  readonly text: string;
  /** Why the candidate ended, in Gemini's word. */
  readonly finishReason?: string;
  /** Why the prompt was not answered at all, in Gemini's word. */
  readonly blockReason?: string;
  /** Of everything so far: each event repeats the sum. */
  readonly usage?: Usage;
  readonly model?: string;
}

/** `undefined` where the value is no answer at all. */
export function geminiPart(value: unknown): GeminiPart | undefined {
  const feedback = member(value, 'promptFeedback');
  const counts = member(value, 'usageMetadata');
  const candidates = listMember(value, 'candidates');
  if (candidates.length === 0 && feedback === undefined && counts === undefined) return undefined;
  const candidate = candidates.find((one) => (numberMember(one, 'index') ?? 0) === 0);
  const finishReason = specified(textMember(candidate, 'finishReason'));
  const blockReason = specified(textMember(feedback, 'blockReason'));
  const usage = usageOf(counts);
  const model = textMember(value, 'modelVersion');
  return {
    text: listMember(member(candidate, 'content'), 'parts').map(answerText).join(''),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(blockReason === undefined ? {} : { blockReason }),
    ...(usage === undefined ? {} : { usage }),
    ...(model === undefined || model === '' ? {} : { model }),
  };
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
