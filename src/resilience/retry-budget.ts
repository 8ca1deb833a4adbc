/** How many retries a provider may cost in all: a fifth of its calls, so that an outage is not answered with a storm. */

export interface RetryBudget {
  /** A first attempt was made. */
  deposit(): void;
  /** Takes one retry out, or says that none is left. */
  withdraw(): boolean;
}

/** Counted in fifths of a retry: each call earns one, each retry costs five. */
const COST = 5;
/** A quiet user may retry too: at the start of a minute there are always two. */
const FLOOR = 2 * COST;
/** Savings are kept for a minute of busy use, not for ever. */
const MOST = 20 * COST;
const MINUTE = 60_000;

/** `now` is monotonic milliseconds. In any minute retries are at most a fifth of the calls, plus two. */
export function createRetryBudget(now: () => number): RetryBudget {
  let savings = FLOOR;
  let refilledAt = now();
  return {
    deposit() {
      savings = Math.min(MOST, savings + 1);
    },
    withdraw() {
      if (now() - refilledAt >= MINUTE) {
        refilledAt = now();
        savings = Math.max(savings, FLOOR);
      }
      if (savings < COST) return false;
      savings -= COST;
      return true;
    },
  };
}
