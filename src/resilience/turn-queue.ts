/** A queue for a limited number of places, by priority, in which nobody waits longer than told or after giving up. */
import type { Clock } from '../domain/ports.ts';
import { pause } from './pause.ts';

export interface TurnQueue {
  /**
   * Resolves to a function that gives the place back, or to `undefined` after `longestWait` milliseconds. Rejects with the
   * signal's reason. Smaller priorities go first, equal ones in order.
   */
  enter(places: number, priority: number, longestWait: number, signal: AbortSignal): Promise<(() => void) | undefined>;
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

interface Waiting {
  readonly priority: number;
  readonly places: number;
  readonly begin: () => void;
}

export function createTurnQueue(clock: Clock): TurnQueue {
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
    pause: (milliseconds, signal) => pause(milliseconds, signal, clock),
    enter(places, priority, longestWait, signal) {
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
        const self: Waiting = { priority, places, begin: () => settle(() => resolve(take())) };
        const timer = clock.setTimeout(() => settle(() => resolve(undefined)), longestWait);
        signal.addEventListener('abort', stop, { once: true });
        const behind = waiting.findIndex((one) => one.priority > priority);
        waiting = behind === -1 ? [...waiting, self] : waiting.toSpliced(behind, 0, self);
      });
    },
  };
}
