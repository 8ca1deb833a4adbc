/** Whether a server that is only there to make things faster is worth asking now: a small circuit breaker of its own. */
import type { Clock } from '../domain/ports.ts';

export interface Availability {
  /** While it is left alone, one command at a time may try whether it is back. */
  admits(): boolean;
  succeeded(): void;
  failed(why: string): void;
  /** Forgets every failure, for a connection made anew. */
  reset(): void;
}

/** In a row: so many requests pay for a server that hangs, and no more. */
const FAILURES = 3;
/** Milliseconds; it doubles with each failed try. */
const FIRST_REST = 5_000;
const LONGEST_REST = 60_000;

type State =
  | { readonly kind: 'up'; readonly failures: number }
  | { readonly kind: 'resting'; readonly until: number; readonly rest: number }
  | { readonly kind: 'trying'; readonly rest: number };

/** `onChange` is told once when it goes down, with the last reason, and once when it is back. */
export function createAvailability(clock: Clock, onChange: (down: string | undefined) => void): Availability {
  let state: State = { kind: 'up', failures: 0 };

  function rest(milliseconds: number): void {
    state = { kind: 'resting', until: clock.now() + milliseconds, rest: milliseconds };
  }

  return {
    admits() {
      if (state.kind === 'up') return true;
      if (state.kind === 'trying' || clock.now() < state.until) return false;
      state = { kind: 'trying', rest: state.rest };
      return true;
    },
    succeeded() {
      const wasDown = state.kind !== 'up';
      state = { kind: 'up', failures: 0 };
      if (wasDown) onChange(undefined);
    },
    failed(why) {
      if (state.kind === 'trying') rest(Math.min(LONGEST_REST, 2 * state.rest));
      else if (state.kind === 'up' && state.failures + 1 < FAILURES) {
        state = { kind: 'up', failures: state.failures + 1 };
      } else if (state.kind === 'up') {
        rest(FIRST_REST);
        onChange(why);
      }
    },
    reset() {
      state = { kind: 'up', failures: 0 };
    },
  };
}
