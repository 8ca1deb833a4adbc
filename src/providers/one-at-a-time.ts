/**
 * Lets one call at a time through, chat before completion before everything else. Local models need it: a server on one
 * machine answers two requests at once more slowly than one after the other.
 */
import { cancelled } from '../domain/ai-error.ts';

/** Whose turn comes first, first. */
const order = ['chat', 'completion', 'other'] as const;
export type TurnKind = (typeof order)[number];

export interface Turns {
  /**
   * Resolves when it is this call's turn, with what ends the turn; it also ends when the signal is aborted.
   * Rejects with `AiError` of kind `cancelled` when the signal is aborted before.
   */
  take(kind: TurnKind, signal: AbortSignal): Promise<() => void>;
}

export function createTurns(provider: string): Turns {
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
    async take(kind, signal) {
      if (signal.aborted) throw cancelled(provider);
      if (!taken) {
        taken = true;
        return turn(signal);
      }
      const queue = waiting.get(kind) ?? [];
      return new Promise((resolve, reject) => {
        const leave = () => {
          queue.splice(queue.indexOf(enter), 1);
          reject(cancelled(provider));
        };
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve(turn(signal));
        };
        signal.addEventListener('abort', leave, { once: true });
        queue.push(enter);
      });
    },
  };
}

/** The stream in its turn, which ends with it. */
export async function* inTurn<Chunk>(
  turns: Turns,
  kind: TurnKind,
  signal: AbortSignal,
  open: () => AsyncIterable<Chunk>,
): AsyncGenerator<Chunk, void, undefined> {
  const end = await turns.take(kind, signal);
  try {
    yield* open();
  } finally {
    end();
  }
}
