/** Whether and when a failed call is tried again: a pure decision over numbers. */
import { AiError } from '../domain/ai-error.ts';

/** Times in milliseconds. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  readonly baseDelay: number;
  readonly maxDelay: number;
  /** A provider that asks for a longer wait is not waited for: the call goes elsewhere. */
  readonly longestRetryAfter: number;
}

/**
 * How long to wait after failed attempt number `attempt` (1 is the first), or `undefined` for no more. What the provider
 * asked for is a floor, never cut; the rest is full jitter (a uniform share of a doubling bound), which spreads the
 * clients of a provider that just recovered. `random` is 0 to 1.
 */
export function retryDelay(
  error: unknown,
  attempt: number,
  remaining: number,
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  if (!(error instanceof AiError) || !error.retryable || attempt > policy.retries) return undefined;
  const floor = Math.max(0, error.retryAfter ?? 0);
  if (floor > policy.longestRetryAfter) return undefined;
  const delay = floor + random() * Math.min(policy.maxDelay, policy.baseDelay * 2 ** (attempt - 1));
  return delay < remaining ? delay : undefined;
}
