/** Several providers behind one name: when one cannot answer, the next is asked, as long as nothing was delivered yet. */
import { AiError, isCancellation } from '../domain/ai-error.ts';
import type { AiProvider, StreamingProvider } from '../domain/ai-provider.ts';

/** Called for each provider that failed and was passed over. */
export type FailureListener = (provider: AiProvider, error: unknown) => void;

/**
 * `providers` in the order they are asked; the first gives the name, the model and the capabilities. When nobody can
 * answer, the first failure is reported: that is the provider the user chose.
 */
export function withFallback(
  providers: readonly [AiProvider, ...AiProvider[]],
  onFailure: FailureListener = () => undefined,
): StreamingProvider {
  const [first] = providers;

  async function ask<Result>(signal: AbortSignal, call: (provider: AiProvider) => Promise<Result>): Promise<Result> {
    const failures = collectFailures(signal, onFailure);
    for (const provider of providers) {
      if (!failures.leaveHopeFor(provider)) continue;
      try {
        return { ...(await call(provider)), provider: provider.name };
      } catch (error) {
        failures.add(provider, error);
      }
    }
    throw failures.first();
  }

  async function* stream<Chunk extends { readonly delta: string; readonly finish?: object }>(
    signal: AbortSignal,
    open: (provider: AiProvider) => AsyncIterable<Chunk>,
  ): AsyncIterable<Chunk> {
    const failures = collectFailures(signal, onFailure);
    for (const provider of providers) {
      if (!failures.leaveHopeFor(provider)) continue;
      let delivered = false;
      try {
        for await (const chunk of open(provider)) {
          delivered ||= chunk.delta !== '';
          yield chunk.finish === undefined ? chunk : { ...chunk, finish: { ...chunk.finish, provider: provider.name } };
        }
        return;
      } catch (error) {
        if (delivered) throw error;
        failures.add(provider, error);
      }
    }
    throw failures.first();
  }

  return {
    ...first,
    completeCode: (request, signal) => ask(signal, (provider) => provider.completeCode(request, signal)),
    chat: (request, signal) => ask(signal, (provider) => provider.chat(request, signal)),
    streamChat: (request, signal) => stream(signal, (provider) => provider.streamChat(request, signal)),
    streamCode: (request, signal) => stream(signal, (provider) => streamCodeOf(provider)(request, signal)),
  };
}

interface Failures {
  /** Keeps the failure and lets the next be asked, or throws it where nobody else may be. */
  add(provider: AiProvider, error: unknown): void;
  /** Whether this provider could do better than those that failed. */
  leaveHopeFor(provider: AiProvider): boolean;
  first(): unknown;
}

function collectFailures(signal: AbortSignal, onFailure: FailureListener): Failures {
  const failures: unknown[] = [];
  /** The largest context that was too small. */
  let tooSmall = 0;

  return {
    add(provider, error) {
      // A cancel is nobody's failure, and what one filter refused is not carried on until another lets it through.
      if (signal.aborted || isCancellation(error) || isKind(error, 'filtered')) throw error;
      if (isKind(error, 'contextLength')) tooSmall = Math.max(tooSmall, provider.capabilities.contextWindow ?? 1);
      failures.push(error);
      onFailure(provider, error);
    },
    leaveHopeFor({ local, capabilities: { contextWindow } }) {
      return tooSmall === 0 || local || contextWindow === null || contextWindow > tooSmall;
    },
    first: () => failures[0],
  };
}

function isKind(error: unknown, kind: AiError['kind']): boolean {
  return error instanceof AiError && error.kind === kind;
}

function streamCodeOf(provider: AiProvider): NonNullable<AiProvider['streamCode']> {
  const { streamCode } = provider;
  if (streamCode === undefined) throw new TypeError(`"${provider.name}" was composed without streaming.`);
  return streamCode.bind(provider);
}
