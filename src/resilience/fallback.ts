/** Several providers behind one name: when one cannot answer, the next is asked, as long as nothing was shown yet. */
import { AiError, isCancellation } from '../domain/ai-error.ts';
import type { AiProvider, StreamingProvider } from '../domain/ai-provider.ts';
import type { ChatRequest, ChatResponseChunk } from '../domain/chat.ts';
import type { CompletionChunk, CompletionRequest } from '../domain/completion.ts';

/** Called for each provider that failed and was passed over. */
export type FailureListener = (provider: AiProvider, error: unknown) => void;

/** A provider, or how it is made when its turn comes: one that is never needed should cost nothing. */
export type Candidate = AiProvider | (() => Promise<AiProvider>);

/**
 * `providers` in the order they are asked; the first gives the name, the model and the capabilities. When nobody can
 * answer, the first failure is reported: that is the provider the user chose. One that cannot be made is passed over.
 */
export function withFallback(
  providers: readonly [AiProvider, ...Candidate[]],
  onFailure: FailureListener = () => undefined,
): StreamingProvider {
  const [first] = providers;

  async function ask<Result>(signal: AbortSignal, call: (provider: AiProvider) => Promise<Result>): Promise<Result> {
    const failures = collectFailures(signal, onFailure);
    for (const candidate of providers) {
      const provider = await made(candidate, failures);
      if (provider === undefined || !failures.leaveHopeFor(provider)) continue;
      try {
        return { ...(await call(provider)), provider: provider.name };
      } catch (error) {
        failures.add(provider, error);
      }
    }
    throw failures.first();
  }

  /** What is read of a chat is shown at once: after its first part only the failure remains to be said. */
  async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatResponseChunk> {
    const failures = collectFailures(signal, onFailure);
    for (const candidate of providers) {
      const provider = await made(candidate, failures);
      if (provider === undefined || !failures.leaveHopeFor(provider)) continue;
      let delivered = false;
      try {
        for await (const chunk of provider.streamChat(forProvider(provider, request), signal)) {
          delivered ||= chunk.delta !== '';
          yield signed(chunk, provider);
        }
        return;
      } catch (error) {
        if (delivered) throw error;
        failures.add(provider, error);
      }
    }
    throw failures.first();
  }

  /** A completion is shown when it is whole: one that broke off is begun anew elsewhere. */
  async function* streamCode(request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionChunk> {
    const failures = collectFailures(signal, onFailure);
    for (const candidate of providers) {
      const provider = await made(candidate, failures);
      if (provider === undefined || !failures.leaveHopeFor(provider)) continue;
      let begun = false;
      try {
        for await (const chunk of streamCodeOf(provider)(request, signal)) {
          const begins = { provider: provider.name, model: provider.model };
          yield begun ? signed(chunk, provider) : Object.assign({}, signed(chunk, provider), { begins });
          begun = true;
        }
        return;
      } catch (error) {
        failures.add(provider, error);
      }
    }
    throw failures.first();
  }

  /** The name of a model means something to the provider it was named for only. */
  function forProvider(provider: AiProvider, request: ChatRequest): ChatRequest {
    if (provider === first) return request;
    const { model: _, ...rest } = request;
    return rest;
  }

  return {
    ...first,
    completeCode: (request, signal) => ask(signal, (provider) => provider.completeCode(request, signal)),
    chat: (request, signal) => ask(signal, (provider) => provider.chat(forProvider(provider, request), signal)),
    streamChat,
    streamCode,
  };
}

/** The last part of an answer says who gave it. */
function signed<Chunk extends { readonly finish?: object }>(chunk: Chunk, { name }: AiProvider): Chunk {
  if (chunk.finish === undefined) return chunk;
  // No spreads that more is added to: V8 makes hidden classes anew each time.
  return Object.assign({}, chunk, { finish: Object.assign({}, chunk.finish, { provider: name }) });
}

async function made(candidate: Candidate, failures: Failures): Promise<AiProvider | undefined> {
  if (typeof candidate !== 'function') return candidate;
  try {
    return await candidate();
  } catch (error) {
    failures.addUnmade(error);
    return undefined;
  }
}

interface Failures {
  /** Keeps the failure and lets the next be asked, or throws it where nobody else may be. */
  add(provider: AiProvider, error: unknown): void;
  addUnmade(error: unknown): void;
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
    addUnmade: (error) => void failures.push(error),
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
