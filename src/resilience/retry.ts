/** A provider that tries again by itself, as long as nothing was delivered and somebody still waits. */
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Clock } from '../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import { pause } from '../util/pause.ts';
import { isRefusal } from './failure.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type RetryPolicy, retryDelay } from './retry-policy.ts';

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly budget: RetryBudget;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Milliseconds a whole call may take, retries included. */
  readonly total: (call: ProviderCall) => number;
  readonly onRetry?: (provider: AiProvider, error: unknown, delay: number) => void;
  /** Waited for before each further attempt: others may have learnt meanwhile that it is too early. Its failure ends the call. */
  readonly ready?: (call: ProviderCall, signal: AbortSignal) => Promise<void>;
}

export function withRetry(
  inner: AiProvider,
  { policy, budget, clock, random, total, onRetry, ready }: RetryOptions,
): AiProvider {
  /** Waits for the next attempt, or throws the failure when there is none. */
  async function next(error: unknown, attempt: number, until: number, call: ProviderCall, signal: AbortSignal) {
    const delay = signal.aborted ? undefined : retryDelay(error, attempt, until - clock.now(), policy, random);
    if (delay === undefined || !budget.withdraw()) throw error;
    onRetry?.(inner, error, delay);
    await pause(delay, signal, clock);
    await ready?.(call, signal);
  }

  return wrapProvider(inner, {
    async unary(call, signal, run) {
      const until = clock.now() + total(call);
      for (let attempt = 1; ; attempt += 1) {
        try {
          const answer = await run(signal);
          if (attempt === 1) budget.deposit();
          return answer;
        } catch (error) {
          if (attempt === 1 && !isRefusal(error)) budget.deposit();
          await next(error, attempt, until, call, signal);
        }
      }
    },
    async *stream(call, signal, open) {
      const until = clock.now() + total(call);
      for (let attempt = 1; ; attempt += 1) {
        let begun = false;
        let delivered = false;
        try {
          for await (const chunk of open(signal)) {
            if (!begun && attempt === 1) budget.deposit();
            begun = true;
            delivered ||= chunk.delta !== '';
            yield chunk;
          }
          return;
        } catch (error) {
          if (delivered) throw error;
          if (!begun && attempt === 1 && !isRefusal(error)) budget.deposit();
          await next(error, attempt, until, call, signal);
        }
      }
    },
  });
}
