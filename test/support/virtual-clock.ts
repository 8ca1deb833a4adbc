/** A clock that stands still until a test moves it. */
import type { Clock, TimerHandle } from '../../src/domain/ports.ts';

export interface VirtualClock extends Clock {
  /** Moves time on and runs what falls due, in order, letting promises settle in between. */
  advance(milliseconds: number): Promise<void>;
  /** Timers that have not run. */
  readonly pending: number;
}

export function createVirtualClock(): VirtualClock {
  let time = 0;
  let lastId = 0;
  const timers = new Map<number, { due: number; callback: () => void }>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    now: () => time,
    wallClock: () => 1_750_000_000_000 + time,
    setTimeout(callback, milliseconds) {
      lastId += 1;
      timers.set(lastId, { due: time + milliseconds, callback });
      return lastId as unknown as TimerHandle;
    },
    clearTimeout: (handle) => void timers.delete(handle as unknown as number),
    get pending() {
      return timers.size;
    },
    async advance(milliseconds) {
      const until = time + milliseconds;
      await settle();
      while (true) {
        const [next] = [...timers].filter(([, { due }]) => due <= until).sort(([, a], [, b]) => a.due - b.due);
        if (next === undefined) break;
        const [id, { due, callback }] = next;
        timers.delete(id);
        time = due;
        callback();
        await settle();
      }
      time = until;
      await settle();
    },
  };
}
