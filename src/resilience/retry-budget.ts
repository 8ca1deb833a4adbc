/** How many retries a provider may cost in all: a fifth of its calls, so that an outage is not answered with a storm. */

export interface RetryBudget {
  /** A first attempt was made, and answered or failed. */
  deposit(): void;
  /** Takes one retry out, or says that none is left. */
  withdraw(): boolean;
}

const SHARE = 0.2;
/** A quiet user may retry too. */
const FLOOR = 2;
const MINUTE = 60_000;
/** More calls a minute than anybody makes; those beyond earn nothing. */
const MOST = 1_000;

/**
 * `now` is monotonic milliseconds. In the minute before any retry, and with it, retries are at most a fifth of the calls
 * plus two: nothing is saved up in busy times for an outage.
 */
export function createRetryBudget(now: () => number): RetryBudget {
  const calls: number[] = [];
  const retries: number[] = [];

  function forget(times: number[]): void {
    const from = now() - MINUTE;
    while (times[0] !== undefined && times[0] <= from) times.shift();
  }

  return {
    deposit() {
      forget(calls);
      if (calls.length < MOST) calls.push(now());
    },
    withdraw() {
      forget(calls);
      forget(retries);
      if (retries.length + 1 > calls.length * SHARE + FLOOR) return false;
      retries.push(now());
      return true;
    },
  };
}
