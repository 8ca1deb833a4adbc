/** A queue for a limited number of places, by priority, in which nobody waits longer than told or after giving up. */

export interface Turn {
  /** How many may be in at once, as this one sees it. */
  readonly places: number;
  /** Smaller goes first, equal ones in order. */
  readonly priority: number;
  /** Milliseconds; absent: for as long as it takes. */
  readonly longestWait?: number | undefined;
}

export interface TurnQueue {
  /**
   * Resolves to a function that gives the place back, or to `undefined` after the longest wait. Rejects with the signal's
   * reason.
   */
  enter(turn: Turn, signal: AbortSignal): Promise<(() => void) | undefined>;
}

/** What of a clock is needed. */
export interface QueueTimers<Handle> {
  setTimeout(callback: () => void, milliseconds: number): Handle;
  clearTimeout(handle: Handle | undefined): void;
}

interface Waiting extends Turn {
  readonly begin: () => void;
}

export function createTurnQueue<Handle>(clock: QueueTimers<Handle>): TurnQueue {
  let taken = 0;
  let waiting: readonly Waiting[] = [];

  function admitNext(): void {
    const next = waiting.find(({ places }) => taken < places);
    if (next === undefined) return;
    waiting = waiting.filter((one) => one !== next);
    next.begin();
  }

  function take(): () => void {
    taken += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      taken -= 1;
      admitNext();
    };
  }

  return {
    enter(turn, signal) {
      const { places, priority, longestWait } = turn;
      if (signal.aborted) return Promise.reject(signal.reason);
      if (taken < places) return Promise.resolve(take());
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          waiting = waiting.filter((one) => one !== self);
          clock.clearTimeout(timer);
          signal.removeEventListener('abort', stop);
          finish();
        };
        const stop = () => settle(() => reject(signal.reason));
        const self: Waiting = { ...turn, begin: () => settle(() => resolve(take())) };
        const timer =
          longestWait === undefined ? undefined : clock.setTimeout(() => settle(() => resolve(undefined)), longestWait);
        signal.addEventListener('abort', stop, { once: true });
        const behind = waiting.findIndex((one) => one.priority > priority);
        waiting = behind === -1 ? [...waiting, self] : waiting.toSpliced(behind, 0, self);
      });
    },
  };
}
