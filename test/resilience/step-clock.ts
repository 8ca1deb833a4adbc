/** A clock that goes from one timer to the next. Apart from the virtual clock because it has to be fast. */
import type { Clock, TimerHandle } from '../../src/domain/ports.ts';

export interface StepClock extends Clock {
  /** Runs timers in order, letting promises settle in between, until `isOver` or none is left, or time is beyond reason. */
  run(isOver: () => boolean): Promise<void>;
  readonly pending: number;
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Milliseconds; whoever still has a timer after a day has forgotten it. */
const beyondReason = 24 * 3_600_000;

export function createStepClock(): StepClock {
  /** The latest first, so that the next is taken off the end. */
  const timers: Timer[] = [];
  let time = 0;

  return {
    now: () => time,
    wallClock: () => 1_750_000_000_000 + time,
    setTimeout(callback, milliseconds) {
      const timer = { due: time + Math.max(0, milliseconds), callback };
      let place = timers.length;
      while (place > 0 && (timers[place - 1] as Timer).due <= timer.due) place -= 1;
      timers.splice(place, 0, timer);
      return timer as unknown as TimerHandle;
    },
    clearTimeout(handle) {
      const place = timers.indexOf(handle as unknown as Timer);
      if (place !== -1) timers.splice(place, 1);
    },
    get pending() {
      return timers.length;
    },
    async run(isOver) {
      while (!isOver() && timers.length > 0 && time < beyondReason) {
        const { due, callback } = timers.pop() as Timer;
        time = due;
        callback();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    },
  };
}
