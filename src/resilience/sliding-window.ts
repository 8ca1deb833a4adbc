/**
 * Counts what was begun, so that no stretch of time holds more than it may. The sliding window log: the times of the last
 * starts are kept, and the next may come when the one so many places back has left the window. It is exact where token
 * buckets are not: a bucket of N a minute lets up to 2N-1 into the minute that begins with a full one.
 */

/** At most so many in any stretch of so many milliseconds. */
export interface Quota {
  readonly most: number;
  readonly length: number;
}

export interface SlidingWindow {
  /** Milliseconds until one more may be begun; 0: now. */
  wait(quota: Quota): number;
  /** One was begun. `most`: how many are worth remembering. */
  add(most: number): void;
}

/** `now` is monotonic milliseconds. */
export function createSlidingWindow(now: () => number): SlidingWindow {
  const starts: number[] = [];
  return {
    wait({ most, length }) {
      const leaving = starts.at(-most);
      return leaving === undefined ? 0 : Math.max(0, leaving + length - now());
    },
    add(most) {
      starts.push(now());
      if (starts.length > most) starts.splice(0, starts.length - most);
    },
  };
}

const MINUTE = 60_000;

/**
 * The part of `perMinute` that one of several processes has that cannot ask each other. Less than one a minute is one in a
 * longer time: then their sum can be more in a minute in which several happen to begin.
 */
export function shareOfMinute(perMinute: number, processes: number): Quota {
  const share = perMinute / processes;
  return { most: Math.max(1, Math.floor(share)), length: MINUTE * Math.max(1, 1 / share) };
}
