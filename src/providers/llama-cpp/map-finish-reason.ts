/** Why generation ended, in our words. */
import type { FinishReason } from '../../domain/completion.ts';

/** llama.cpp says `eos`, `word` or `limit`; servers before `stop_type` set `stopped_limit`. */
export function mapFinishReason(stopType: string | undefined, stoppedLimit: unknown): FinishReason {
  return stopType === 'limit' || stoppedLimit === true ? 'length' : 'stop';
}
