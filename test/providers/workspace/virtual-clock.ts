/** Time that passes only when a test says so. */
import type { Clock } from '../../../src/domain/ports.ts';

export interface VirtualClock extends Clock {
  /** Lets milliseconds pass, and runs the timers that fall due. */
  advance(milliseconds: number): void;
}

export function createVirtualClock(): VirtualClock {
  let now = 0;
  let last = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();
  return {
    now: () => now,
    wallClock: () => now,
    setTimeout(callback, milliseconds) {
      timers.set(++last, { at: now + milliseconds, callback });
      return last as unknown as ReturnType<Clock['setTimeout']>;
    },
    clearTimeout: (handle) => void timers.delete(handle as unknown as number),
    advance(milliseconds) {
      now += milliseconds;
      for (const [id, { at, callback }] of [...timers]) {
        if (at > now || !timers.delete(id)) continue;
        callback();
      }
    },
  };
}
