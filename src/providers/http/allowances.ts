/** What answers said of the caller's allowance, until it is renewed. Apart from the health because calls are counted against it. */
import type { Allowance } from '../../domain/allowance.ts';
import type { Clock } from '../../domain/ports.ts';
import { type HeaderReader, remainders } from './retry-hints.ts';

export interface Allowances {
  /** `sentAt`: when the request went out that this is the answer to, in monotonic milliseconds. */
  heard(header: HeaderReader, sentAt: number): void;
  /** What is in force: the same objects until something else was said. */
  current(): readonly Allowance[];
}

export function createAllowances(clock: Clock): Allowances {
  let said: readonly Allowance[] = [];

  function current(): readonly Allowance[] {
    if (said.some(({ renewedAt }) => clock.now() >= renewedAt)) {
      said = said.filter(({ renewedAt }) => clock.now() < renewedAt);
    }
    return said;
  }

  return {
    current,
    heard(header, sentAt) {
      const saidAt = clock.now();
      const news = remainders(header, clock.wallClock()).map(({ of, left, renewedIn }) => {
        const held = current().find((one) => one.of === of);
        // Answers to requests under way together come in any order: of those the one that leaves less is believed.
        if (held !== undefined && sentAt < held.saidAt && held.left <= left) return held;
        return { of, left, saidAt, renewedAt: saidAt + renewedIn };
      });
      if (news.length > 0) said = [...current().filter(({ of }) => !news.some((one) => one.of === of)), ...news];
    },
  };
}
