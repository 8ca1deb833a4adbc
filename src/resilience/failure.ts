/** What a failure says about the provider, as against the request: the one table that retry, breaker and limiter read. */
import { AiError, type AiErrorKind, isCancellation } from '../domain/ai-error.ts';

/**
 * `sick`: the provider is in trouble. `limited`: it asks to be left alone for a while. `locked`: it will refuse until the
 * user changes something. `request`: this request is at fault. `cancelled`: nobody is.
 */
export type FailureClass = 'sick' | 'limited' | 'locked' | 'request' | 'cancelled';

const classes: Readonly<Record<AiErrorKind, FailureClass>> = {
  server: 'sick',
  overloaded: 'sick',
  network: 'sick',
  timeout: 'sick',
  rateLimited: 'limited',
  authentication: 'locked',
  permission: 'locked',
  quota: 'locked',
  notConfigured: 'request',
  notFound: 'request',
  invalidRequest: 'request',
  contextLength: 'request',
  filtered: 'request',
  unsupported: 'request',
  circuitOpen: 'request',
  cancelled: 'cancelled',
};

/** A failure nobody foresaw is counted against the provider that threw it; so is a call that had to be ended by its deadline. */
export function classify(error: unknown, signal: AbortSignal): FailureClass {
  if (signal.aborted) return isTimeout(signal.reason) ? 'sick' : 'cancelled';
  if (isCancellation(error)) return 'cancelled';
  if (!(error instanceof AiError)) return 'sick';
  // It answered that it needs time, as a local server does while it loads its model, which no failing call shortens.
  if (error.kind === 'overloaded' && !error.retryable) return 'limited';
  return classes[error.kind];
}

/** True for a failure by trouble of the provider's, as against a limit that it sets. */
export function isTrouble({ kind }: AiError): boolean {
  return classes[kind] === 'sick';
}

/** True where the provider was not asked at all, because of what it had answered before: that failure is the cause. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AiError && (error.kind === 'circuitOpen' || error.cause instanceof AiError);
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof AiError && reason.kind === 'timeout';
}
