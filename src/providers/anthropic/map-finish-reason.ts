/** Why generation ended, in our words. Apart because every wire has words of its own. */
import type { FinishReason } from '../../domain/completion.ts';

const reasons: Readonly<Record<string, FinishReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  // The server interrupted a long turn: the answer is not whole.
  pause_turn: 'length',
  refusal: 'filtered',
};

/** Everything else is a natural end: `end_turn`, `stop_sequence`, `tool_use`, and what is yet to be invented. */
export function mapFinishReason(reason: string): FinishReason {
  return reasons[reason] ?? 'stop';
}
