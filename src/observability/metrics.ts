/** What each provider was asked and how it did: counters and bounded latency histograms, kept in this process and sent nowhere. */
import { AiError, isCancellation } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Clock } from '../domain/ports.ts';
import { type AnswerLike, wrapProvider } from '../domain/wrap-provider.ts';
import { createHistogram, type Histogram } from '../util/histogram.ts';

/** Latencies are milliseconds; `null` before the first one was measured. */
export interface ProviderStats {
  readonly requests: number;
  readonly cancellations: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly firstToken: { readonly p50: number | null; readonly p95: number | null };
  readonly total: { readonly p50: number | null; readonly p95: number | null };
}

export interface Metrics {
  /** Counts what goes through the provider; changes nothing of it. */
  measure(provider: AiProvider): AiProvider;
  snapshot(): Readonly<Record<string, ProviderStats>>;
}

interface Counters {
  requests: number;
  cancellations: number;
  errors: Record<string, number>;
  inputTokens: number;
  outputTokens: number;
  readonly firstToken: Histogram;
  readonly total: Histogram;
}

export function createMetrics(clock: Clock): Metrics {
  const all = new Map<string, Counters>();

  function countersOf(name: string): Counters {
    let counters = all.get(name);
    if (counters === undefined) {
      counters = {
        requests: 0,
        cancellations: 0,
        errors: {},
        inputTokens: 0,
        outputTokens: 0,
        firstToken: createHistogram(),
        total: createHistogram(),
      };
      all.set(name, counters);
    }
    return counters;
  }

  function measure(inner: AiProvider): AiProvider {
    const counters = countersOf(inner.name);
    return wrapProvider(inner, {
      async unary(call, signal, run) {
        if (call.feature === 'other') return run(signal);
        const started = clock.now();
        counters.requests += 1;
        try {
          const answer = await run(signal);
          counters.total.record(clock.now() - started);
          addUsage(counters, answer as AnswerLike);
          return answer;
        } catch (error) {
          countFailure(counters, error, signal);
          throw error;
        }
      },
      async *stream(_call, signal, open) {
        const started = clock.now();
        let first = true;
        let failed = false;
        counters.requests += 1;
        try {
          for await (const chunk of open(signal)) {
            if (first && chunk.delta !== '') {
              first = false;
              counters.firstToken.record(clock.now() - started);
            }
            addUsage(counters, chunk.finish);
            yield chunk;
          }
        } catch (error) {
          failed = true;
          countFailure(counters, error, signal);
          throw error;
        } finally {
          // Also when the reader had enough and left: a stream closed early is an answer, not a failure.
          if (!failed) counters.total.record(clock.now() - started);
        }
      },
    });
  }

  return {
    measure,
    snapshot: () => Object.fromEntries([...all].map(([name, counters]) => [name, statsOf(counters)])),
  };
}

function addUsage(counters: Counters, answer: AnswerLike | undefined): void {
  counters.inputTokens += answer?.usage?.inputTokens ?? 0;
  counters.outputTokens += answer?.usage?.outputTokens ?? 0;
}

function countFailure(counters: Counters, error: unknown, signal: AbortSignal): void {
  if (signal.aborted || isCancellation(error)) {
    counters.cancellations += 1;
    return;
  }
  const kind = error instanceof AiError ? error.kind : 'server';
  counters.errors[kind] = (counters.errors[kind] ?? 0) + 1;
}

function statsOf({ firstToken, total, ...counts }: Counters): ProviderStats {
  return {
    ...counts,
    errors: { ...counts.errors },
    firstToken: { p50: firstToken.quantile(0.5), p95: firstToken.quantile(0.95) },
    total: { p50: total.quantile(0.5), p95: total.quantile(0.95) },
  };
}
