/** A provider that is left alone while it is in trouble: calls fail fast to the fallback instead of paying for it each time. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider, ProviderHealth } from '../domain/ai-provider.ts';
import type { Clock } from '../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import {
  abandoned,
  admit,
  type BreakerPolicy,
  type BreakerState,
  closedBreaker,
  doubted,
  failed,
  found,
  locked,
  missed,
  refusedUntil,
  succeeded,
} from './breaker.ts';
import { classify } from './failure.ts';

/** One breaker per provider, model and key: it outlives a change of other settings. */
export interface CircuitBreaker {
  readonly state: BreakerState;
  /** `word`: the last word of others that the provider is in trouble, 0 where there is none; a later word is larger. */
  wrap(provider: AiProvider, policy: BreakerPolicy, word?: () => number): AiProvider;
  /** The provider was looked for apart from any call, and is not there; it will be looked for again by then. */
  missed(until: number): void;
  /** It was looked for, and is there. */
  found(): void;
  /** What is to be said of the provider because of the breaker; `undefined` while nothing speaks against it. */
  health(): ProviderHealth | undefined;
}

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly onChange?: (state: BreakerState) => void;
  /** A call would go to the provider, and may be refused. */
  readonly onWanted?: () => void;
}

export function createCircuitBreaker({ clock, random, onChange, onWanted }: CircuitBreakerOptions): CircuitBreaker {
  let state = closedBreaker;
  let lastFailure: AiError | undefined;
  /** What locked it. Requests by hand go out all the same, and may fail by other things. */
  let lock: AiError | undefined;
  /** The last word of others that was looked into. */
  let heard = 0;

  function become(next: BreakerState): void {
    const changed = next.kind !== state.kind;
    state = next;
    if (changed) onChange?.(state);
  }

  function enter(provider: AiProvider, call: ProviderCall, policy: BreakerPolicy, word: number): void {
    onWanted?.();
    if (word > heard) {
      heard = word;
      // What a call failed with before is not what others speak of.
      if (state.kind === 'closed') lastFailure = undefined;
      become(doubted(state, clock.now()));
    }
    const patience = isByHand(call) ? 0 : policy.patience;
    const next = admit(state, clock.now(), patience);
    if (next === undefined) throw refusal(provider, patience);
    become(next);
  }

  function settle(error: unknown, signal: AbortSignal, policy: BreakerPolicy): void {
    if (error instanceof AiError) lastFailure = error;
    become(afterFailure(error, signal, policy));
    if (state === locked && error instanceof AiError && classify(error, signal) === 'locked') lock = error;
  }

  function afterFailure(error: unknown, signal: AbortSignal, policy: BreakerPolicy): BreakerState {
    switch (classify(error, signal)) {
      case 'sick':
        return failed(state, clock.now(), policy, random());
      case 'locked':
        return locked;
      case 'cancelled':
        return abandoned(state, clock.now());
      case 'limited':
      case 'request':
        // It answered: whatever was wrong, the provider is there.
        return state.kind === 'halfOpen' ? closedBreaker : state;
    }
  }

  function refusal(provider: AiProvider, patience: number): AiError {
    if (state.kind === 'locked' && lock !== undefined) return refusedAsBefore(lock);
    const wait = state.kind === 'open' ? refusedUntil(state, patience) - clock.now() : 0;
    const how =
      state.kind === 'open'
        ? `failed and is left alone for ${Math.ceil(wait / 1000)} s`
        : 'is in doubt and left alone until another call has tried it';
    const why = lastFailure === undefined ? '' : ` Last failure: ${lastFailure.message}`;
    const message = `"${provider.name}" ${how}; an explicit request tries at once.${why}`;
    return new AiError('circuitOpen', provider.name, message, { retryAfter: wait, cause: lastFailure });
  }

  return {
    get state() {
      return state;
    },
    wrap(inner, policy, word = () => 0) {
      return wrapProvider(inner, {
        async unary(call, signal, run) {
          if (!isJudged(call, inner)) return run(signal);
          enter(inner, call, policy, word());
          try {
            const answer = await run(signal);
            become(succeeded(state, clock.now()));
            return answer;
          } catch (error) {
            settle(error, signal, policy);
            throw error;
          }
        },
        async *stream(call, signal, open) {
          if (!isJudged(call, inner)) {
            yield* open(signal);
            return;
          }
          enter(inner, call, policy, word());
          let settled = false;
          let delivered = false;
          try {
            for await (const chunk of open(signal)) {
              delivered ||= chunk.delta !== '';
              yield chunk;
            }
            settled = true;
            become(succeeded(state, clock.now()));
          } catch (error) {
            settled = true;
            settle(error, signal, policy);
            throw error;
          } finally {
            // The reader left: with something in hand the provider did its part, without it nothing is known.
            if (!settled) become(delivered ? succeeded(state, clock.now()) : abandoned(state, clock.now()));
          }
        },
      });
    },
    missed: (until) => become(missed(state, until)),
    found: () => become(found(state, clock.now())),
    health() {
      if (state.kind === 'closed' || (state.kind === 'halfOpen' && clock.now() >= state.until)) return undefined;
      const { message } = (state.kind === 'locked' ? lock : undefined) ?? lastFailure ?? {};
      const said = message === undefined ? {} : { message };
      if (state.kind === 'open') {
        return { state: 'open', retryAt: clock.wallClock() + Math.max(0, state.until - clock.now()), ...said };
      }
      return { state: state.kind === 'locked' ? 'unconfigured' : 'degraded', ...said };
    },
  };
}

function refusedAsBefore(lock: AiError): AiError {
  const { kind, provider, message, status } = lock;
  return new AiError(kind, provider, message, { ...(status === undefined ? {} : { status }), cause: lock });
}

/**
 * What is known here is of the provider's own model: a chat that names another one may fail where that does not, and the
 * other way round. It is asked for by hand, so that it would never be refused.
 */
function isJudged(call: ProviderCall, { model }: AiProvider): boolean {
  if (call.feature === 'chat') return call.request.model === undefined || call.request.model === model;
  return call.feature === 'completion';
}

/** A chat and a completion asked for by key are the user's own will. */
function isByHand(call: ProviderCall): boolean {
  return call.feature === 'chat' || (call.feature === 'completion' && call.request.trigger === 'explicit');
}
