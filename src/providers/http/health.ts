/** What the last calls showed of a provider's health. Apart because every adapter keeps it alike. */
import type { AiError, AiErrorKind } from '../../domain/ai-error.ts';
import type { ProviderHealth } from '../../domain/ai-provider.ts';
import type { Clock } from '../../domain/ports.ts';
import { exhaustedFor, type HeaderReader } from './retry-hints.ts';

export interface HealthTracker {
  /** A call was answered; its rate-limit headers say how much is left. */
  answered(header: HeaderReader): void;
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
  let health: ProviderHealth = { state: 'ready' };
  return {
    answered(header) {
      const wait = exhaustedFor(header, clock.wallClock());
      health =
        wait === undefined || wait === 0
          ? { state: 'ready' }
          : { state: 'degraded', message: 'The rate limit is used up.', retryAt: clock.wallClock() + wait };
    },
    failed(error) {
      const state = stateOf[error.kind];
      if (state === undefined) return;
      const retryAt = error.retryAfter === undefined ? {} : { retryAt: clock.wallClock() + error.retryAfter };
      health = { state, message: error.message, ...retryAt };
    },
    current() {
      const { retryAt } = health;
      if (retryAt !== undefined && clock.wallClock() >= retryAt) health = { state: 'ready' };
      return health;
    },
  };
}
