/**
 * Everything that stands between a caller and one provider, in the order a call passes it:
 * rate limit → total deadline → retry → circuit breaker → attempt deadline → the provider itself.
 */
import type { AiProvider, ProviderHealth } from '../domain/ai-provider.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { ProviderCall } from '../domain/wrap-provider.ts';
import { type AttemptLimits, withAttemptDeadline } from './attempt-deadline.ts';
import type { BreakerPolicy, BreakerState } from './breaker.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { withDeadline } from './deadline.ts';
import { createHealthWatch } from './health-watch.ts';
import { createRateLimiter, type RateLimits } from './rate-limit.ts';
import { withRetry } from './retry.ts';
import { createRetryBudget } from './retry-budget.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** Times in milliseconds. */
export interface GuardPlan {
  /** What one call may take in all. */
  readonly totals: { readonly automatic: number; readonly explicit: number; readonly chat: number };
  readonly retry: Pick<RetryPolicy, 'retries' | 'baseDelay' | 'maxDelay'>;
  readonly limits: RateLimits;
  readonly breaker: Pick<BreakerPolicy, 'failures' | 'resetAfter'>;
  /** True where no other provider could answer instead. */
  readonly sole: boolean;
}

/** What is remembered of one provider across its calls; it outlives a change of settings that do not concern the provider. */
export interface Guard {
  wrap(provider: AiProvider, plan: GuardPlan): AiProvider;
  /** What is to be said of the provider because of its recent failures; `undefined` while there is nothing. */
  health(): ProviderHealth | undefined;
  /** Attempts beyond the first ones, since it exists. */
  retries(): number;
  breaker(): BreakerState['kind'];
  /** Ends what is done in the background; calls go on as before. */
  dispose(): void;
}

export interface GuardOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1. */
  readonly random: () => number;
  /** The limits of a team whose processes share the account; absent where this one is alone. */
  readonly fleet?: () => FleetLimits | undefined;
  /** The provider was in trouble, and was found well again without a call; nothing is known that speaks against it. */
  readonly onFoundWell?: () => void;
}

/** A longer wait is not sat out: the call goes elsewhere or fails with how long. */
const LONGEST_RETRY_AFTER = 10_000;
/** The only provider is never locked out for longer. */
const LONGEST_OPEN_ALONE = 10_000;
const LONGEST_OPEN = 60_000;
/** Whoever can go elsewhere is spared a provider that is looked for and not found, but not for ever: the look may be wrong. */
const LONGEST_MISSED = 600_000;
/** Of what a call may take, the share it may spend waiting for its turn. */
const WAITING_SHARE = 0.25;

const completionLimits: AttemptLimits = { connect: 2_000, firstToken: 3_000, stall: 2_000 };
const explicitLimits: AttemptLimits = { connect: 5_000, firstToken: 10_000, stall: 5_000 };
const chatLimits: AttemptLimits = { connect: 5_000, firstToken: 10_000, stall: 10_000 };
/** A model that thinks before it writes, or has to be loaded first, is silent for long. */
const slowLimits: AttemptLimits = { connect: 5_000, firstToken: 60_000, stall: 60_000 };
/** Looking whether a server is there, and which models it has. */
const probeLimits: AttemptLimits = completionLimits;
const PROBE_TOTAL = 5_000;

export function createGuard({ id, clock, log, random, fleet, onFoundWell }: GuardOptions): Guard {
  const budget = createRetryBudget(() => clock.now());
  const limiter = createRateLimiter(clock, fleet);
  const breaker = createCircuitBreaker({
    clock,
    random,
    onChange(state) {
      log.info('The circuit of a provider changed.', { provider: id, state: state.kind });
      watch.follow(state.kind);
      if (state.kind === 'open') fleet?.()?.tellOpen(state.until - clock.now());
    },
    onWanted: () => watch.wanted(),
  });
  const watch = createHealthWatch({
    clock,
    random,
    quietUntil: () => limiter.limitedUntil,
    onMissed: breaker.missed,
    onFound() {
      breaker.found();
      if (limiter.limitedUntil <= clock.now()) onFoundWell?.();
    },
  });
  let retries = 0;

  /** Where nobody else can answer, a call is worth more than what others say. */
  function wordOfTeam({ sole }: GuardPlan): number {
    return sole ? 0 : (fleet?.()?.openWord ?? 0);
  }

  return {
    wrap(provider, plan) {
      // What stays in this process cannot be down, limited or slow.
      if (provider.local) return provider;
      watch.over(provider);
      const total = (call: ProviderCall) => totalOf(call, plan);
      const layers: readonly ((inner: AiProvider) => AiProvider)[] = [
        (inner) => limiter.wrap(inner, plan.limits, (call) => total(call) * WAITING_SHARE),
        (inner) => withDeadline(inner, total, clock),
        (inner) =>
          withRetry(inner, {
            policy: { ...plan.retry, longestRetryAfter: LONGEST_RETRY_AFTER },
            budget,
            clock,
            random,
            total,
            ready: (call, signal) => limiter.again(provider, plan.limits, total(call) * WAITING_SHARE, signal),
            onRetry: (_provider, error, delay) => {
              retries += 1;
              limiter.learn(error);
              log.info('A call is tried again.', { provider: id, error: String(error), delay: Math.round(delay) });
            },
          }),
        (inner) => breaker.wrap(inner, breakerPolicy(plan), () => wordOfTeam(plan)),
        (inner) => withAttemptDeadline(inner, (call) => attemptLimitsOf(call, provider), clock),
      ];
      return layers.reduceRight((inner, layer) => layer(inner), provider);
    },
    health: () => breaker.health() ?? limitedHealth(limiter.limitedUntil - clock.now(), clock),
    retries: () => retries,
    breaker: () => breaker.state.kind,
    dispose: () => watch.dispose(),
  };
}

function totalOf(call: ProviderCall, { totals }: GuardPlan): number {
  if (isProbe(call)) return Math.min(PROBE_TOTAL, totals.chat);
  if (call.feature !== 'completion') return totals.chat;
  return call.request.trigger === 'automatic' ? totals.automatic : totals.explicit;
}

function isProbe(call: ProviderCall): boolean {
  return call.feature === 'other' && (call.operation === 'listModels' || call.operation === 'checkHealth');
}

function breakerPolicy({ breaker, sole }: GuardPlan): BreakerPolicy {
  return sole
    ? { ...breaker, longestOpen: LONGEST_OPEN_ALONE, patience: LONGEST_OPEN_ALONE }
    : { ...breaker, longestOpen: LONGEST_OPEN, patience: LONGEST_MISSED };
}

function attemptLimitsOf(call: ProviderCall, { slowStart }: AiProvider): AttemptLimits {
  if (isProbe(call)) return probeLimits;
  if (call.feature === 'completion') return call.request.trigger === 'automatic' ? completionLimits : explicitLimits;
  return slowStart === true ? slowLimits : chatLimits;
}

function limitedHealth(wait: number, clock: Clock): ProviderHealth | undefined {
  if (wait <= 0) return undefined;
  return { state: 'degraded', message: 'It asked to be left alone for a while.', retryAt: clock.wallClock() + wait };
}
