/** Counts the calls in flight on a provider, so that a provider that was replaced is disposed after its last call and not before. */
import type { AiProvider } from '../domain/ai-provider.ts';

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

  async function counted<Result>(call: () => Promise<Result>): Promise<Result> {
    running += 1;
    try {
      return await call();
    } finally {
      leave();
    }
  }

  async function* countedStream<Chunk>(open: () => AsyncIterable<Chunk>): AsyncIterable<Chunk> {
    running += 1;
    try {
      yield* open();
    } finally {
      leave();
    }
  }

  const provider: AiProvider = {
    apiVersion: inner.apiVersion,
    name: inner.name,
    capabilities: inner.capabilities,
    model: inner.model,
    local: inner.local,
    completeCode: (request, signal) => counted(() => inner.completeCode(request, signal)),
    chat: (request, signal) => counted(() => inner.chat(request, signal)),
    streamChat: (request, signal) => countedStream(() => inner.streamChat(request, signal)),
    ...optional(inner, counted, countedStream),
  };

  return {
    provider,
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

type Counted = <Result>(call: () => Promise<Result>) => Promise<Result>;
type CountedStream = <Chunk>(open: () => AsyncIterable<Chunk>) => AsyncIterable<Chunk>;

/** A method the provider does not have stays absent: its absence is how a capability is asked for. */
function optional(inner: AiProvider, counted: Counted, countedStream: CountedStream): Partial<AiProvider> {
  const { streamCode, embed, countTokens, listModels, checkHealth, lastHealth } = inner;
  return {
    ...(streamCode && {
      streamCode: (request, signal) => countedStream(() => streamCode.call(inner, request, signal)),
    }),
    ...(embed && { embed: (request, signal) => counted(() => embed.call(inner, request, signal)) }),
    ...(countTokens && { countTokens: (text, signal) => counted(() => countTokens.call(inner, text, signal)) }),
    ...(listModels && { listModels: (signal) => counted(() => listModels.call(inner, signal)) }),
    ...(checkHealth && { checkHealth: (signal) => counted(() => checkHealth.call(inner, signal)) }),
    ...(lastHealth && { lastHealth: () => lastHealth.call(inner) }),
  };
}
