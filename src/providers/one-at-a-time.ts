/**
 * Lets one call at a time through, chat before completion before everything else. Local models need it: a server on one
 * machine answers two requests at once more slowly than one after the other.
 */
import { AiError, cancelled } from '../domain/ai-error.ts';
import type { Clock } from '../domain/ports.ts';

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
  const waiting = new Map<TurnKind, (() => void)[]>(order.map((kind) => [kind, []]));
  let taken = false;

  function next(): void {
    const queue = order.map((kind) => waiting.get(kind) ?? []).find(({ length }) => length > 0);
    const enter = queue?.shift();
    taken = enter !== undefined;
    enter?.();
  }

  function turn(signal: AbortSignal): () => void {
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      signal.removeEventListener('abort', end);
      next();
    };
    signal.addEventListener('abort', end);
    return end;
  }

  return {
    async take(kind, signal, patience) {
      if (signal.aborted) throw cancelled(provider);
      if (!taken) {
        taken = true;
        return turn(signal);
      }
      const queue = waiting.get(kind) ?? [];
      return new Promise((resolve, reject) => {
        const settle = () => {
          clock.clearTimeout(timer);
          signal.removeEventListener('abort', leave);
        };
        const giveUp = (error: AiError) => {
          settle();
          queue.splice(queue.indexOf(enter), 1);
          reject(error);
        };
        const leave = () => giveUp(cancelled(provider));
        const enter = () => {
          settle();
          resolve(turn(signal));
        };
        const timer = patience === undefined ? undefined : clock.setTimeout(() => giveUp(busy(provider)), patience);
        signal.addEventListener('abort', leave, { once: true });
        queue.push(enter);
      });
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
