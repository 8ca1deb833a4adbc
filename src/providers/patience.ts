/**
 * How long a call on a local model waits before anything is asked: for the model to be loaded, and for its turn. Apart
 * because both local servers keep to it. Milliseconds, in sum less than a provider may be silent before it is taken for
 * dead; an automatic completion hardly waits, because another provider can answer meanwhile.
 */
import type { CompletionRequest } from '../domain/completion.ts';

interface Patience {
  readonly loading: number;
  readonly turn: number;
}

export const chatPatience: Patience = { loading: 30_000, turn: 25_000 };

export function completionPatience({ trigger }: CompletionRequest): Patience {
  return trigger === 'automatic' ? { loading: 250, turn: 250 } : { loading: 5000, turn: 4000 };
}
