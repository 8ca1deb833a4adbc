/** Counts the calls in flight on a provider, so that a provider that was replaced is disposed after its last call and not before. */
import type { AiProvider } from '../domain/ai-provider.ts';
import { wrapProvider } from '../domain/wrap-provider.ts';

export interface TrackedProvider {
  readonly provider: AiProvider;
  /** Aborted when the provider is retired. */
  readonly lifetime: AbortSignal;
  /** Resolves when the last call has ended and the provider is disposed. */
  retire(): Promise<void>;
}

export function trackCalls(inner: AiProvider): TrackedProvider {
  const lifetime = new AbortController();
  let running = 0;
  let idle: (() => void) | undefined;

  function leave(): void {
    running -= 1;
    if (running === 0) idle?.();
  }

  return {
    provider: wrapProvider(inner, {
      async unary(_call, signal, run) {
        running += 1;
        try {
          return await run(signal);
        } finally {
          leave();
        }
      },
      async *stream(_call, signal, open) {
        running += 1;
        try {
          yield* open(signal);
        } finally {
          leave();
        }
      },
    }),
    lifetime: lifetime.signal,
    async retire() {
      lifetime.abort();
      if (running > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      await inner.dispose?.();
    },
  };
}
