/** Keeps calls within what a provider allows: how many at once, how many a minute, and not before it said so. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock } from '../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import { createTurnQueue } from '../util/turn-queue.ts';
import { pause } from './pause.ts';

export interface RateLimits {
  readonly maxConcurrent: number;
  /** `null`: as many as the provider takes. */
  readonly requestsPerMinute: number | null;
}

/** One per provider: it outlives a change of other settings, because the provider's patience does. */
export interface RateLimiter {
  wrap(provider: AiProvider, limits: RateLimits, longestWait: (call: ProviderCall) => number): AiProvider;
  /** Waits until a call that has its turn may go out once more; rejects like the call itself where that is too long. */
  again(provider: AiProvider, limits: RateLimits, longestWait: number, signal: AbortSignal): Promise<void>;
  /** What an attempt failed with. */
  learn(error: unknown): void;
  /** Monotonic milliseconds before which the provider asked not to be called; 0 where it did not. */
  readonly limitedUntil: number;
}

const MINUTE = 60_000;
/** What a rate-limited provider is given when it does not say how long (milliseconds). */
const UNSAID = 2_000;

/** `fleet`: the limits of a team of processes that share an account; absent where this one is alone. */
export function createRateLimiter(clock: Clock, fleet: () => FleetLimits | undefined = () => undefined): RateLimiter {
  const queue = createTurnQueue(clock);
  /** The theoretical arrival time of the generic cell rate algorithm: the next call may come a burst before it. */
  let arrival = 0;
  let limitedUntil = 0;

  /** Milliseconds until a call may go out; taking the place is a decision of its own. */
  function waitFor({ requestsPerMinute }: RateLimits): number {
    const now = clock.now();
    const told = limitedUntil - now;
    if (requestsPerMinute === null) return Math.max(0, told);
    const burst = MINUTE - MINUTE / requestsPerMinute;
    return Math.max(0, told, arrival - burst - now);
  }

  function take({ requestsPerMinute }: RateLimits): void {
    if (requestsPerMinute !== null) arrival = Math.max(arrival, clock.now()) + MINUTE / requestsPerMinute;
  }

  function learn(error: unknown): void {
    if (!(error instanceof AiError) || error.kind !== 'rateLimited') return;
    const peace = error.retryAfter ?? UNSAID;
    limitedUntil = Math.max(limitedUntil, clock.now() + peace);
    fleet()?.tell(peace);
  }

  /** Takes a place among the calls of a minute as soon as there is one, or throws `rateLimited` when there is none by `until`. */
  async function pace(provider: AiProvider, limits: RateLimits, until: number, signal: AbortSignal): Promise<void> {
    for (let wait = await tryTake(limits); wait > 0; wait = await tryTake(limits)) {
      if (clock.now() + wait > until) throw tooLong(provider, wait);
      await pause(wait, signal, clock);
    }
    signal.throwIfAborted();
  }

  /** Milliseconds until a call may go out; 0: it may now, and was counted. */
  async function tryTake(limits: RateLimits): Promise<number> {
    const team = fleet();
    const told = limitedUntil - clock.now();
    if (team === undefined || told > 0) return tryTakeHere(limits);
    const wait = await team.take(limits.requestsPerMinute);
    if (wait === undefined) return tryTakeHere(shareOf(limits, team.processes));
    // Counted here too: should the team get out of reach, this process has used its share already.
    if (wait === 0) take(shareOf(limits, team.processes));
    return wait;
  }

  function tryTakeHere(limits: RateLimits): number {
    const wait = waitFor(limits);
    if (wait === 0) take(limits);
    return wait;
  }

  /** Waits for its turn, or throws `rateLimited` where that would take too long. The result gives the turn back. */
  async function enter(
    provider: AiProvider,
    call: ProviderCall,
    limits: RateLimits,
    longestWait: number,
    signal: AbortSignal,
  ): Promise<() => void> {
    const until = clock.now() + longestWait;
    if (waitFor(limits) > longestWait) throw tooLong(provider, waitFor(limits));
    const turn = { places: limits.maxConcurrent, priority: priorityOf(call), longestWait };
    const leave = await queue.enter(turn, signal);
    if (leave === undefined) throw tooLong(provider, longestWait);
    try {
      await pace(provider, limits, until, signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    get limitedUntil() {
      return limitedUntil;
    },
    again: (provider, limits, longestWait, signal) => pace(provider, limits, clock.now() + longestWait, signal),
    learn,
    wrap(inner, limits, longestWait) {
      return wrapProvider(inner, {
        async unary(call, signal, run) {
          if (call.feature === 'other') return run(signal);
          const leave = await enter(inner, call, limits, longestWait(call), signal);
          try {
            return await run(signal);
          } catch (error) {
            learn(error);
            throw error;
          } finally {
            leave();
          }
        },
        async *stream(call, signal, open) {
          const leave = await enter(inner, call, limits, longestWait(call), signal);
          try {
            yield* open(signal);
          } catch (error) {
            learn(error);
            throw error;
          } finally {
            leave();
          }
        },
      });
    },
  };
}

/** What is left for one of several processes that cannot ask each other. */
function shareOf(limits: RateLimits, processes: number): RateLimits {
  const { requestsPerMinute } = limits;
  return requestsPerMinute === null ? limits : { ...limits, requestsPerMinute: requestsPerMinute / processes };
}

/** Smaller goes first: what the user asked for by hand, then what appears by itself. */
function priorityOf(call: ProviderCall): number {
  if (call.feature === 'chat') return 0;
  return call.feature === 'completion' && call.request.trigger === 'explicit' ? 1 : 2;
}

function tooLong(provider: AiProvider, wait: number): AiError {
  return new AiError(
    'rateLimited',
    provider.name,
    `"${provider.name}" takes no more requests for ${Math.ceil(wait / 1000)} s. Wait, or raise its limits.`,
    { retryAfter: Math.ceil(wait), retryable: false },
  );
}
