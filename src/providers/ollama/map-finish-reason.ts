/** Why generation ended, in our words. */
import type { FinishReason } from '../../domain/completion.ts';

/** Ollama says `stop`, `length`, `load` and `unload`; only one of them is a limit. */
export function mapFinishReason(reason: string | undefined): FinishReason {
  return reason === 'length' ? 'length' : 'stop';
}
