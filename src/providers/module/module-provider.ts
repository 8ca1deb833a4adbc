/** A provider that the user wrote: loaded from a module, checked, and never trusted to end, to answer well or not to throw. */
import { AiError } from '../../domain/ai-error.ts';
import { aiProviderApiVersion, type EmbedRequest, type StreamingProvider } from '../../domain/ai-provider.ts';
import type { ChatRequest, ChatResponse, ChatResponseChunk } from '../../domain/chat.ts';
import type { CompletionChunk, CompletionRequest, CompletionResponse } from '../../domain/completion.ts';
import type { Clock } from '../../domain/ports.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { collectChat, collectCode, streamChatFromUnary, streamCodeFromUnary } from '../adapt-streaming.ts';
import { createHealthTracker } from '../http/health.ts';
import type { HttpTransport } from '../http/transport.ts';
import { needOffer, type Offer } from '../vendor-provider.ts';
import { type CheckedProvider, checkProvider, type ModuleMethod } from './check-provider.ts';
import { containCall, containStream } from './contain.ts';
import { loadModule, wrong } from './load-module.ts';
import { createAnswerReader } from './read-answer.ts';

export type ModuleDependencies = Pick<ProviderDependencies, 'apiKey' | 'clock'> & {
  readonly transport: HttpTransport;
};

/** What a module is given besides its entry. Documented in docs/providers.md; a change for the worse needs a new `apiVersion`. */
export interface ModuleTools {
  /** The key as it is now, `undefined` where there is none. Throws where sending it would be wrong. */
  apiKey(): string | undefined;
  /** As the platform's, through the proxy and certificates of the settings; redirects are refused, 8 MB are the most. */
  readonly fetch: typeof globalThis.fetch;
}

/** Milliseconds a module may take to load and to make its provider. */
const loadingTime = 10_000;
/** Milliseconds it may take to end. */
const endingTime = 2000;
const never = new AbortController().signal;

/** Rejects with `AiError` of kind `notConfigured` where the module cannot be loaded in time or is no provider. */
export async function createModuleProvider(
  entry: ProviderEntry,
  dependencies: ModuleDependencies,
): Promise<StreamingProvider> {
  const { clock, transport } = dependencies;
  const tools: ModuleTools = {
    apiKey: () => dependencies.apiKey()?.reveal(),
    fetch: transport.fetchFor(entry.id),
  };
  const { apiKey: _, ...settings } = entry;
  const making = loadModule(entry).then((factory) =>
    containCall(entry.id, never, () => factory(settings, tools), same),
  );
  const made = await within(making, loadingTime, clock, () => {
    throw wrong(entry, `it was not loaded after ${loadingTime / 1000} seconds`);
  });
  return contained(checkProvider(made, entry), entry, dependencies);
}

function contained(
  { model, local, capabilities, methods }: CheckedProvider,
  entry: ProviderEntry,
  { clock }: ModuleDependencies,
): StreamingProvider {
  const { id } = entry;
  const health = createHealthTracker(clock);
  const read = createAnswerReader(id, model);
  const need = (offer: Offer) => needOffer(id, capabilities, offer);
  const failed = (error: unknown): unknown => {
    if (error instanceof AiError) health.failed(error);
    return error;
  };
  const call = async <Answer>(
    signal: AbortSignal,
    run: (own: AbortSignal) => unknown,
    reader: (value: unknown) => Answer,
  ) => {
    try {
      const answer = await containCall(id, signal, run, reader);
      health.answered();
      return answer;
    } catch (error) {
      throw failed(error);
    }
  };
  async function* stream(method: ModuleMethod, request: unknown, signal: AbortSignal) {
    try {
      for await (const chunk of containStream(id, signal, (own) => method(request, own), read.chunk)) {
        if (chunk.finish !== undefined) health.answered();
        yield chunk;
      }
    } catch (error) {
      throw failed(error);
    }
  }

  async function completeCode(request: CompletionRequest, signal: AbortSignal): Promise<CompletionResponse> {
    need('codeCompletion');
    const own = methods.completeCode;
    if (own === undefined) return collectCode(streamCode(request, signal), id);
    return call(signal, (followed) => own(request, followed), read.completion);
  }
  async function* streamCode(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionChunk> {
    need('codeCompletion');
    if (methods.streamCode !== undefined) yield* stream(methods.streamCode, request, signal);
    else yield* streamCodeFromUnary(() => completeCode(request, signal));
  }
  async function chat(request: ChatRequest, signal: AbortSignal): Promise<ChatResponse> {
    need('chat');
    const own = methods.chat;
    if (own === undefined) return collectChat(streamChat(request, signal), id);
    return call(signal, (followed) => own(request, followed), read.chat);
  }
  async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatResponseChunk> {
    need('chat');
    if (methods.streamChat !== undefined) yield* stream(methods.streamChat, request, signal);
    else yield* streamChatFromUnary(() => chat(request, signal));
  }

  const { embed, countTokens, listModels, checkHealth, initialize, dispose } = methods;
  return {
    apiVersion: aiProviderApiVersion,
    name: id,
    model,
    local,
    capabilities,
    completeCode,
    streamCode,
    chat,
    streamChat,
    lastHealth: () => health.current(),
    ...(embed && {
      async embed(request: EmbedRequest, signal: AbortSignal) {
        need('embeddings');
        return call(
          signal,
          (followed) => embed(request, followed),
          (value) => read.embeddings(value, request.input.length),
        );
      },
    }),
    ...(countTokens && {
      async countTokens(text: string, signal: AbortSignal) {
        need('tokenCounting');
        return call(signal, (followed) => countTokens(text, followed), read.tokens);
      },
    }),
    ...(listModels && {
      listModels: (signal: AbortSignal) => call(signal, (followed) => listModels(followed), read.models),
    }),
    ...(checkHealth && {
      checkHealth: (signal: AbortSignal) => call(signal, (followed) => checkHealth(followed), read.health),
    }),
    ...(initialize && {
      initialize: (signal: AbortSignal) => call(signal, (followed) => initialize(followed), nothing),
    }),
    ...(dispose && {
      // What it does beyond its time, it does for itself.
      dispose: () =>
        within(
          call(never, () => dispose(), nothing),
          endingTime,
          clock,
          () => undefined,
        ),
    }),
  };
}

function nothing(): void {}

function same(value: unknown): unknown {
  return value;
}

/** The work, or what `late` gives, or throws, where the work takes longer; what it comes to then is nobody's. */
async function within<Value>(
  work: Promise<Value>,
  milliseconds: number,
  clock: Clock,
  late: () => Value,
): Promise<Value> {
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = clock.setTimeout(resolve, milliseconds);
  });
  try {
    return await Promise.race([work, timeUp.then(late)]);
  } finally {
    clock.clearTimeout(timer);
  }
}
