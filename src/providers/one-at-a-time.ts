/**
 * Lets one call at a time through, chat before completion before everything else. Local models need it: a server on one
 * machine answers two requests at once more slowly than one after the other.
 */
import { AiError, cancelled } from '../domain/ai-error.ts';
import type { Clock } from '../domain/ports.ts';
import { createTurnQueue } from '../util/turn-queue.ts';

/** Whose turn comes first, first. */
const order = ['chat', 'completion', 'other'] as const;
export type TurnKind = (typeof order)[number];

export interface Turns {
  /**
   * Resolves when it is this call's turn, with what ends the turn; it also ends when the signal is aborted.
   * Rejects with `AiError`: `cancelled` when the signal is aborted before, `overloaded` after `patience` milliseconds.
   */
  take(kind: TurnKind, signal: AbortSignal, patience?: number): Promise<() => void>;
}

export function createTurns(provider: string, clock: Clock): Turns {
  const queue = createTurnQueue(clock);
  return {
    async take(kind, signal, patience) {
      const turn = { places: 1, priority: order.indexOf(kind), longestWait: patience };
      const leave = await queue.enter(turn, signal).catch(() => {
        throw cancelled(provider);
      });
      if (leave === undefined) throw busy(provider);
      const end = () => {
        signal.removeEventListener('abort', end);
        leave();
      };
      if (signal.aborted) {
        end();
        throw cancelled(provider);
      }
      signal.addEventListener('abort', end);
      return end;
    },
  };
}

/** Nothing is wrong with the provider, and asking again at once would find it busy still. */
function busy(provider: string): AiError {
  const message = `${provider} answers another request of yours first, one at a time.`;
  return new AiError('overloaded', provider, message, { retryable: false });
}

/** The stream in its turn, which ends with it. */
export async function* inTurn<Chunk>(
  turn: Promise<() => void>,
  open: () => AsyncIterable<Chunk>,
): AsyncGenerator<Chunk, void, undefined> {
  const end = await turn;
  try {
    yield* open();
  } finally {
    end();
  }
}
