/** Several providers behind one name: when one cannot answer, the next is asked, as long as nothing was delivered yet. */
import { isCancellation } from '../domain/ai-error.ts';
import type { AiProvider, StreamingProvider } from '../domain/ai-provider.ts';

/** Called for each provider that failed and was passed over. */
export type FailureListener = (provider: AiProvider, error: unknown) => void;

/** `providers` in the order they are asked; the first gives the name, the model and the capabilities. */
export function withFallback(
  providers: readonly [AiProvider, ...AiProvider[]],
  onFailure: FailureListener = () => undefined,
): StreamingProvider {
  const [first] = providers;

  async function ask<Result>(signal: AbortSignal, call: (provider: AiProvider) => Promise<Result>): Promise<Result> {
    let failure: unknown;
    for (const provider of providers) {
      try {
        return { ...(await call(provider)), provider: provider.name };
      } catch (error) {
        failure = passedOver(provider, error, signal, failure);
      }
    }
    throw failure;
  }

  async function* stream<Chunk extends { readonly delta: string; readonly finish?: object }>(
    signal: AbortSignal,
    open: (provider: AiProvider) => AsyncIterable<Chunk>,
  ): AsyncIterable<Chunk> {
    let failure: unknown;
    for (const provider of providers) {
      let delivered = false;
      try {
        for await (const chunk of open(provider)) {
          delivered ||= chunk.delta !== '';
          yield chunk.finish === undefined ? chunk : { ...chunk, finish: { ...chunk.finish, provider: provider.name } };
        }
        return;
      } catch (error) {
        if (delivered) throw error;
        failure = passedOver(provider, error, signal, failure);
      }
    }
    throw failure;
  }

  /** Returns the failure to report: the first one, because that is the provider the user chose. */
  function passedOver(provider: AiProvider, error: unknown, signal: AbortSignal, earlier: unknown): unknown {
    if (signal.aborted || isCancellation(error)) throw error;
    onFailure(provider, error);
    return earlier ?? error;
  }

  return {
    ...first,
    completeCode: (request, signal) => ask(signal, (provider) => provider.completeCode(request, signal)),
    chat: (request, signal) => ask(signal, (provider) => provider.chat(request, signal)),
    streamChat: (request, signal) => stream(signal, (provider) => provider.streamChat(request, signal)),
    streamCode: (request, signal) => stream(signal, (provider) => streamCodeOf(provider)(request, signal)),
  };
}

function streamCodeOf(provider: AiProvider): NonNullable<AiProvider['streamCode']> {
  const { streamCode } = provider;
  if (streamCode === undefined) throw new TypeError(`"${provider.name}" was composed without streaming.`);
  return streamCode.bind(provider);
}
