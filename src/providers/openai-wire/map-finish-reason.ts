/** Why generation ended, in our words. Apart because every server of this wire has words of its own. */
import type { FinishReason } from '../../domain/completion.ts';

const reasons: Readonly<Record<string, FinishReason>> = {
  length: 'length',
  model_length: 'length',
  max_tokens: 'length',
  content_filter: 'filtered',
  refusal: 'filtered',
};

/** Everything that is neither a limit nor a filter is a natural end: `stop`, `eos`, `tool_calls`, and what is yet to be invented. */
export function mapFinishReason(reason: string): FinishReason {
  return reasons[reason] ?? 'stop';
}

/** True where the model broke off by an error that the server says nothing else about. */
export function isFailure(reason: string | undefined): boolean {
  return reason === 'error';
}
