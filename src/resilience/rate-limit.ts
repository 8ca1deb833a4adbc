/**
 * Keeps calls within what a provider allows: how many at once, how many a minute, no more than it said it has left, and
 * none while it asked for peace. Whoever wonders why a call waits or is refused before it goes out looks here: a
 * `Retry-After` binds all calls, not the one it answered, whether it came with a refusal for the rate (429) or because the
 * provider is in trouble (503). The circuit breaker never learns of it: it counts failures, and has times of its own.
 */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock } from '../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import { pause } from '../util/pause.ts';
import { createTurnQueue } from '../util/turn-queue.ts';
import { createAllowanceLedger, LONGEST_BELIEF } from './allowance-ledger.ts';
import { isTrouble } from './failure.ts';
import { createSlidingWindow, type Quota, shareOfMinute } from './sliding-window.ts';

export interface RateLimits {
  readonly maxConcurrent: number;
  /** In any minute. `null`: as many as the provider takes. */
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

/** What a rate-limited provider is given when it does not say how long (milliseconds). */
const UNSAID = 2_000;

/** Why a call may not go out yet. */
interface Delay {
  /** Milliseconds; 0: nothing speaks against it. */
  readonly wait: number;
  /** Completes the sentence that the provider takes no more requests for so long. */
  readonly because: string;
}

/** A call that went out. */
interface Gone {
  readonly wait: 0;
  /** To be called when its answer begins, or never does. */
  answered(): void;
}

/** `fleet`: the limits of a team of processes that share an account; absent where this one is alone. */
export function createRateLimiter(clock: Clock, fleet: () => FleetLimits | undefined = () => undefined): RateLimiter {
  const queue = createTurnQueue(clock);
  const ledger = createAllowanceLedger(() => clock.now());
  const minute = createSlidingWindow(() => clock.now());
  /** What this limiter refused: nothing is to be learnt of the provider from it. */
  const refusals = new WeakSet<AiError>();
  let limitedUntil = 0;

  function learn(error: unknown): void {
    if (!(error instanceof AiError) || refusals.has(error)) return;
    const peace = peaceAskedBy(error);
    if (peace === undefined) return;
    limitedUntil = Math.max(limitedUntil, clock.now() + peace);
    // A limit is the account's, which is everybody's; trouble may be that of a proxy on this machine.
    if (error.kind === 'rateLimited') fleet()?.tell(peace);
  }

  function hear(provider: AiProvider): void {
    for (const { renewedAt } of ledger.hear(provider.allowances?.() ?? [])) {
      fleet()?.tell(Math.min(renewedAt - clock.now(), LONGEST_BELIEF));
    }
  }

  /** What keeps a call back by all that is known here. */
  function delayHere(provider: AiProvider, quota: Quota | undefined): Delay {
    hear(provider);
    return longest(
      { wait: limitedUntil - clock.now(), because: 'as it asked' },
      { wait: ledger.wait(), because: 'its answers say that nothing is left of what it allows' },
      { wait: quota === undefined ? 0 : minute.wait(quota), because: REACHED },
    );
  }

  /** Lets the call go out, and counts it, where nothing speaks against it at this moment. */
  async function tryToGo(
    provider: AiProvider,
    { requestsPerMinute: most }: RateLimits,
    signal: AbortSignal,
  ): Promise<Delay | Gone> {
    const before = delayHere(provider, undefined);
    if (before.wait > 0) return before;
    const team = fleet();
    const wait = await team?.take(most);
    signal.throwIfAborted();
    if (wait !== undefined && wait > 0) return { wait, because: REACHED_BY_TEAM };
    // From here on nothing is waited for: of several calls that find one place free, one gets it.
    const share = most === null || wait === 0 ? undefined : shareOfMinute(most, team?.processes ?? 1);
    const delay = delayHere(provider, share);
    if (delay.wait > 0) return delay;
    // Counted here too when the team let it go: should the team get out of reach, this process has used its share already.
    if (most !== null) minute.add(most);
    return { wait: 0, answered: ledger.begin() };
  }

  /** Lets the call go out as soon as it may, or throws `rateLimited` where that is not before `until`. */
  async function pace(provider: AiProvider, limits: RateLimits, until: number, signal: AbortSignal): Promise<Gone> {
    for (;;) {
      const next = await tryToGo(provider, limits, signal);
      if ('answered' in next) return next;
      if (clock.now() + next.wait > until) throw refuse(provider, next);
      await pause(next.wait, signal, clock);
    }
  }

  function refuse(provider: AiProvider, { wait, because }: Delay): AiError {
    const { name } = provider;
    const message = `"${name}" takes no more requests for ${Math.ceil(wait / 1000)} s: ${because}. Wait, or raise the limit.`;
    const error = new AiError('rateLimited', name, message, { retryAfter: Math.ceil(wait), retryable: false });
    refusals.add(error);
    return error;
  }

  /** Waits for its turn, or throws `rateLimited` where that would take too long. */
  async function enter(
    provider: AiProvider,
    call: ProviderCall,
    limits: RateLimits,
    longestWait: number,
    signal: AbortSignal,
  ): Promise<Entered> {
    const until = clock.now() + longestWait;
    const { requestsPerMinute: most } = limits;
    const delay = delayHere(provider, most === null ? undefined : shareOfMinute(most, 1));
    if (delay.wait > longestWait) throw refuse(provider, delay);
    const turn = { places: limits.maxConcurrent, priority: priorityOf(call), longestWait };
    const leave = await queue.enter(turn, signal);
    if (leave === undefined) throw refuse(provider, { wait: longestWait, because: 'too many are under way' });
    try {
      return { leave, ...(await pace(provider, limits, until, signal)) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    get limitedUntil() {
      return limitedUntil;
    },
    async again(provider, limits, longestWait, signal) {
      // Its call is counted as under way already.
      (await pace(provider, limits, clock.now() + longestWait, signal)).answered();
    },
    learn,
    wrap(inner, limits, longestWait) {
      return wrapProvider(inner, {
        async unary(call, signal, run) {
          // Not limited, but the provider counts it.
          if (call.feature === 'other') return run(signal).finally(ledger.begin());
          const { answered, leave } = await enter(inner, call, limits, longestWait(call), signal);
          try {
            return await run(signal);
          } catch (error) {
            learn(error);
            throw error;
          } finally {
            answered();
            hear(inner);
            leave();
          }
        },
        async *stream(call, signal, open) {
          const { answered, leave } = await enter(inner, call, limits, longestWait(call), signal);
          try {
            for await (const chunk of open(signal)) {
              answered();
              yield chunk;
            }
          } catch (error) {
            learn(error);
            throw error;
          } finally {
            answered();
            hear(inner);
            leave();
          }
        },
      });
    },
  };
}

const REACHED = '"resilience.requestsPerMinute" is reached';
const REACHED_BY_TEAM = `${REACHED} by your team, or one of you was asked to wait`;

interface Entered extends Gone {
  /** Gives the turn back. */
  leave(): void;
}

function longest(first: Delay, ...others: readonly Delay[]): Delay {
  const most = others.reduce((one, other) => (other.wait > one.wait ? other : one), first);
  return { ...most, wait: Math.max(0, most.wait) };
}

/** Milliseconds the provider asked to be left alone for; `undefined` where it did not. */
function peaceAskedBy(error: AiError): number | undefined {
  const { kind, retryAfter } = error;
  if (kind === 'rateLimited') return retryAfter ?? UNSAID;
  if (retryAfter === undefined || !isTrouble(error)) return undefined;
  // Whoever is in trouble can only guess for how long.
  return Math.min(retryAfter, LONGEST_BELIEF);
}

/** Smaller goes first: what the user asked for by hand, then what appears by itself. */
function priorityOf(call: ProviderCall): number {
  if (call.feature === 'chat') return 0;
  return call.feature === 'completion' && call.request.trigger === 'explicit' ? 1 : 2;
}
