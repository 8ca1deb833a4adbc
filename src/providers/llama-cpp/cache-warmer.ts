/**
 * Lets the server read, while nobody asks anything, what the last completion would have had it read. A completion that
 * was given up before its first token, or a chat in the same slot, leaves the cache without it, and the next completion
 * would wait for the whole prompt.
 */
import type { Clock, TimerHandle } from '../../domain/ports.ts';

export interface CacheWarmer<Prompt> {
  /** A call begins: what is being warmed is given up. */
  busy(): void;
  /** A call ended. */
  idle(): void;
  /** The cache lacks this prompt; `undefined`: it lacks nothing. */
  want(prompt: Prompt | undefined): void;
  /** Gives up what is being warmed. Called after the last call. */
  dispose(): void;
}

/** Milliseconds of quiet before the cache is warmed: longer than most pauses in typing. */
const quiet = 500;

/** `warm` may reject: the next completion will say why. */
export function createCacheWarmer<Prompt>(
  clock: Clock,
  warm: (prompt: Prompt, signal: AbortSignal) => Promise<unknown>,
): CacheWarmer<Prompt> {
  let calls = 0;
  let wanted: Prompt | undefined;
  let timer: TimerHandle | undefined;
  let running: AbortController | undefined;

  const stop = () => {
    clock.clearTimeout(timer);
    running?.abort();
    running = undefined;
  };

  function begin(): void {
    const prompt = wanted;
    if (prompt === undefined) return;
    const own = new AbortController();
    running = own;
    const ended = () => {
      // Given up: it is still wanted. Failed: it would fail again.
      if (!own.signal.aborted && wanted === prompt) wanted = undefined;
    };
    warm(prompt, own.signal).then(ended, ended);
  }

  return {
    busy() {
      calls += 1;
      stop();
    },
    idle() {
      calls -= 1;
      if (calls > 0 || wanted === undefined) return;
      timer = clock.setTimeout(begin, quiet);
    },
    want(prompt) {
      wanted = prompt;
    },
    dispose: stop,
  };
}
