/** What the last calls showed of a provider's health. Apart because every adapter keeps it alike. */
import type { AiError, AiErrorKind } from '../../domain/ai-error.ts';
import type { ProviderHealth } from '../../domain/ai-provider.ts';
import type { Clock } from '../../domain/ports.ts';
import { type Allowances, createAllowances } from './allowances.ts';

export interface HealthTracker {
  /** What the headers of answers say is left; the health says when that is nothing. */
  readonly allowances: Allowances;
  /** A call was answered. */
  answered(): void;
  /** A call failed. What is the request's own fault says nothing about the provider. */
  failed(error: AiError): void;
  current(): ProviderHealth;
}

const stateOf: Readonly<Partial<Record<AiErrorKind, ProviderHealth['state']>>> = {
  notConfigured: 'unconfigured',
  authentication: 'unconfigured',
  permission: 'unconfigured',
  network: 'unreachable',
  timeout: 'degraded',
  rateLimited: 'degraded',
  quota: 'degraded',
  overloaded: 'degraded',
  server: 'degraded',
};

export function createHealthTracker(clock: Clock): HealthTracker {
  const allowances = createAllowances(clock);
  let failure: ProviderHealth | undefined;

  function usedUp(): ProviderHealth | undefined {
    const renewals = allowances.current().flatMap(({ left, renewedAt }) => (left === 0 ? [renewedAt] : []));
    if (renewals.length === 0) return undefined;
    const retryAt = clock.wallClock() + Math.max(...renewals) - clock.now();
    return { state: 'degraded', message: 'The rate limit is used up.', retryAt };
  }

  return {
    allowances,
    answered() {
      failure = undefined;
    },
    failed(error) {
      const state = stateOf[error.kind];
      if (state === undefined) return;
      const retryAt = error.retryAfter === undefined ? {} : { retryAt: clock.wallClock() + error.retryAfter };
      failure = { state, message: error.message, ...retryAt };
    },
    current() {
      if (failure?.retryAt !== undefined && clock.wallClock() >= failure.retryAt) failure = undefined;
      return failure ?? usedUp() ?? { state: 'ready' };
    },
  };
}
