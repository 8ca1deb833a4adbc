/** What came of a call, whichever call it was. Apart because answers differ in shape and observers should not care. */
import type { ChatResponse } from '../../domain/chat.ts';
import type { CompletionResponse, FinishReason } from '../../domain/completion.ts';
import type { Usage } from '../../domain/usage.ts';

export interface Answered {
  /** The best one where there are several. */
  readonly text?: string;
  readonly finishReason?: FinishReason;
  readonly model?: string;
  readonly usage?: Usage;
}

type Answer = Partial<ChatResponse & CompletionResponse> & { readonly reason?: FinishReason };

/** A whole answer of any call, or the end of a stream. */
export function endingOf(answer: unknown): Answered {
  if (typeof answer !== 'object' || answer === null) return {};
  const { reason, finishReason = reason, model, usage, message, candidates } = answer as Answer;
  const text = message?.content ?? candidates?.[0]?.text;
  return {
    ...(text !== undefined && { text }),
    ...(finishReason !== undefined && { finishReason }),
    ...(model !== undefined && { model }),
    ...(usage !== undefined && { usage }),
  };
}
