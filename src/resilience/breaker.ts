/** The circuit breaker's rules, as pure functions over one tagged union. Nothing here knows a provider or a timer. */

export type BreakerState =
  | { readonly kind: 'closed'; readonly consecutive: number; readonly recent: readonly Outcome[] }
  /** Calls are refused until `until`; `openings` in a row decide how long. `since`: when a call was last tried. */
  | { readonly kind: 'open'; readonly until: number; readonly since: number; readonly openings: number }
  /** One probe is under way, and the others are refused until `until`, in case it never ends; after that the next is a probe. */
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
  /** No opening by failures lasts longer; 10 s where there is no other provider to ask. */
  readonly longestOpen: number;
  /** For how long the caller may be refused because the provider was looked for and not found, since a call was last tried. */
  readonly patience: number;
}

/** More than half of at least ten calls within a minute open it too. */
const WINDOW = 60_000;
const LEAST_CALLS = 10;
/** A chat that probes may take minutes; whoever completes meanwhile is not locked out by it for longer. */
const PROBE = 10_000;

export const closedBreaker: BreakerState = { kind: 'closed', consecutive: 0, recent: [] };

/** When a caller of this patience may probe: a request the user made by hand has none, and may always. */
export function refusedUntil(state: BreakerState, patience: number): number {
  if (state.kind === 'closed' || patience === 0) return Number.NEGATIVE_INFINITY;
  if (state.kind === 'locked') return Number.POSITIVE_INFINITY;
  return state.kind === 'open' ? Math.min(state.until, state.since + patience) : state.until;
}

/** What becomes of the state when a call of this patience wants to go out at `now`, or `undefined` when it is refused. */
export function admit(state: BreakerState, now: number, patience: number): BreakerState | undefined {
  if (now < refusedUntil(state, patience)) return undefined;
  if (state.kind === 'closed' || state.kind === 'locked') return state;
  return { kind: 'halfOpen', until: now + PROBE, openings: state.openings };
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
  if (state.kind !== 'halfOpen') return state;
  return state.openings === 0
    ? { ...state, until: now }
    : { kind: 'open', until: now, since: now, openings: state.openings };
}

/** Others say that the provider is in trouble, which may be theirs alone: the next call is a probe, and one failure enough. */
export function doubted(state: BreakerState, now: number): BreakerState {
  return state.kind === 'closed' ? { kind: 'halfOpen', until: now, openings: 0 } : state;
}

/** The provider was looked for and is not there: nobody needs to find that out before it is looked for again, by `until`. */
export function missed(state: BreakerState, until: number): BreakerState {
  return state.kind === 'open' ? { ...state, until: Math.max(state.until, until) } : state;
}

/** The provider was looked for and is there, which does not prove that it can do its work: the next call is a probe. */
export function found(state: BreakerState, now: number): BreakerState {
  return state.kind === 'open' ? { kind: 'halfOpen', until: now, openings: state.openings } : state;
}

export const locked: BreakerState = { kind: 'locked' };

function opened(openings: number, now: number, policy: BreakerPolicy, random: number): BreakerState {
  const doubled = policy.resetAfter * 2 ** (openings - 1);
  const spread = Math.min(doubled, policy.longestOpen) * (0.8 + 0.4 * random);
  return { kind: 'open', until: now + Math.min(spread, policy.longestOpen), since: now, openings };
}

function remember(recent: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  return [...recent.filter(({ at }) => outcome.at - at < WINDOW), outcome].slice(-64);
}
