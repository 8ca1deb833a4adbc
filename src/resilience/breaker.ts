/** The circuit breaker's rules, as pure functions over one tagged union. Nothing here knows a provider or a timer. */

export type BreakerState =
  | { readonly kind: 'closed'; readonly consecutive: number; readonly recent: readonly Outcome[] }
  /** Calls are refused until `until`; `openings` in a row decide how long. */
  | { readonly kind: 'open'; readonly until: number; readonly openings: number }
  /** One probe is under way; the others are refused until `until`, in case it never ends. */
  | { readonly kind: 'halfOpen'; readonly until: number; readonly openings: number }
  /** Refused until somebody changes the settings: asking again would give the same answer. */
  | { readonly kind: 'locked' };

interface Outcome {
  readonly at: number;
  readonly failed: boolean;
}

/** Times in milliseconds. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly resetAfter: number;
  /** No opening lasts longer; 10 s where there is no other provider to ask. */
  readonly longestOpen: number;
}

/** More than half of at least ten calls within a minute open it too. */
const WINDOW = 60_000;
const LEAST_CALLS = 10;
/** A chat that probes may take minutes; whoever completes meanwhile is not locked out by it for longer. */
const PROBE = 10_000;

export const closedBreaker: BreakerState = { kind: 'closed', consecutive: 0, recent: [] };

/**
 * What becomes of the state when a call wants to go out at `now`, or `undefined` when it is refused. A request the user
 * made by hand may always probe.
 */
export function admit(state: BreakerState, now: number, byHand: boolean): BreakerState | undefined {
  switch (state.kind) {
    case 'closed':
      return state;
    case 'open':
    case 'halfOpen':
      return byHand || now >= state.until
        ? { kind: 'halfOpen', until: now + PROBE, openings: state.openings }
        : undefined;
    case 'locked':
      return byHand ? state : undefined;
  }
}

export function succeeded(state: BreakerState, now: number): BreakerState {
  if (state.kind !== 'closed') return closedBreaker;
  return { kind: 'closed', consecutive: 0, recent: remember(state.recent, { at: now, failed: false }) };
}

/** `random` (0 to 1) spreads the probes of many processes by a fifth in both directions. */
export function failed(state: BreakerState, now: number, policy: BreakerPolicy, random: number): BreakerState {
  if (state.kind === 'locked' || state.kind === 'open') return state;
  if (state.kind === 'halfOpen') return opened(state.openings + 1, now, policy, random);
  const consecutive = state.consecutive + 1;
  const recent = remember(state.recent, { at: now, failed: true });
  const failures = recent.filter((outcome) => outcome.failed).length;
  const mostly = recent.length >= LEAST_CALLS && failures * 2 > recent.length;
  return consecutive >= policy.failures || mostly
    ? opened(1, now, policy, random)
    : { kind: 'closed', consecutive, recent };
}

/** A probe that was cancelled says nothing: the next call may probe at once. */
export function abandoned(state: BreakerState, now: number): BreakerState {
  return state.kind === 'halfOpen' ? { kind: 'open', until: now, openings: state.openings } : state;
}

export const locked: BreakerState = { kind: 'locked' };

function opened(openings: number, now: number, policy: BreakerPolicy, random: number): BreakerState {
  const doubled = policy.resetAfter * 2 ** (openings - 1);
  const spread = Math.min(doubled, policy.longestOpen) * (0.8 + 0.4 * random);
  return { kind: 'open', until: now + Math.min(spread, policy.longestOpen), openings };
}

function remember(recent: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  return [...recent.filter(({ at }) => outcome.at - at < WINDOW), outcome].slice(-64);
}
