/**
 * Counts what goes out against what the provider's answers said may go out, so that no call has to be refused to find out.
 * Apart from the limiter because it is arithmetic: it waits for nothing and asks nobody.
 */
import type { Allowance } from '../domain/allowance.ts';

export interface AllowanceLedger {
  /** Takes note of what is in force now; gives what the provider just said there is nothing left of. */
  hear(said: readonly Allowance[]): readonly Allowance[];
  /** Milliseconds until one more call may go out, by what was heard; 0: now. */
  wait(): number;
  /** A call goes out. The result is called when its answer begins, or never does. */
  begin(): () => void;
}

/**
 * Milliseconds for which a provider is believed that nothing is left. After each such time one call may try, because a
 * server that says "a day" is wrong more often than it is right, and its next answer says so.
 */
export const LONGEST_BELIEF = 60_000;

interface Account {
  readonly allowance: Allowance;
  /** Calls that went out and that the provider may not have counted when it said what was left. */
  charged: number;
}

/** `now` is monotonic milliseconds. */
export function createAllowanceLedger(now: () => number): AllowanceLedger {
  const accounts = new Map<string, Account>();
  let underway: readonly { answeredAt: number }[] = [];

  function isNews(said: Allowance): boolean {
    const known = accounts.get(said.of)?.allowance;
    return known === undefined || (said !== known && said.saidAt >= known.saidAt);
  }

  function open(allowance: Allowance): void {
    const uncounted = underway.filter(({ answeredAt }) => answeredAt >= allowance.saidAt).length;
    // One of them is the call whose answer said it. What is overdrawn already is no debt to be paid later.
    accounts.set(allowance.of, { allowance, charged: Math.min(allowance.left, Math.max(0, uncounted - 1)) });
  }

  function waitOf({ allowance: { left, saidAt, renewedAt }, charged }: Account): number {
    const nextTry = saidAt + (charged - left + 1) * LONGEST_BELIEF;
    return Math.max(0, Math.min(renewedAt, nextTry) - now());
  }

  return {
    hear(said) {
      const news = said.filter(isNews);
      for (const allowance of news) open(allowance);
      underway = underway.filter(({ answeredAt }) => answeredAt === Number.POSITIVE_INFINITY);
      return news.filter(({ left }) => left === 0);
    },
    wait: () => Math.max(0, ...[...accounts.values()].map(waitOf)),
    begin() {
      for (const account of accounts.values()) account.charged += 1;
      const call = { answeredAt: Number.POSITIVE_INFINITY };
      underway = [...underway, call];
      return () => {
        call.answeredAt = Math.min(call.answeredAt, now());
      };
    },
  };
}
