/** How a wrapper is written once: it sees every call of a provider as one of two shapes and gives back a provider. */
import type { AiProvider, EmbedRequest } from './ai-provider.ts';
import type { ChatRequest } from './chat.ts';
import type { CompletionRequest } from './completion.ts';
import type { Usage } from './usage.ts';

/** Which call it is. `other`: what no answer of a model comes of. */
export type ProviderCall =
  | { readonly feature: 'completion'; readonly request: CompletionRequest }
  | { readonly feature: 'chat'; readonly request: ChatRequest }
  | OtherCall;

export type OtherCall =
  | { readonly feature: 'other'; readonly operation: 'embed'; readonly request: EmbedRequest }
  | { readonly feature: 'other'; readonly operation: 'countTokens'; readonly request: { readonly text: string } }
  | { readonly feature: 'other'; readonly operation: 'listModels' | 'checkHealth' };

/** What wrappers may look at in an answer. */
export interface AnswerLike {
  readonly usage?: Usage;
}

export interface ChunkLike {
  readonly delta: string;
  readonly finish?: AnswerLike;
}

export interface ProviderWrapper {
  unary<Answer>(
    call: ProviderCall,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer>;
  stream<Chunk extends ChunkLike>(
    call: ProviderCall,
    signal: AbortSignal,
    open: (signal: AbortSignal) => AsyncIterable<Chunk>,
  ): AsyncIterable<Chunk>;
}

/** A method the provider does not have stays absent: its absence is how a capability is asked for. */
export function wrapProvider(inner: AiProvider, { unary, stream }: ProviderWrapper): AiProvider {
  const { streamCode, embed, countTokens, listModels, checkHealth, lastHealth, allowances, initialize, dispose } =
    inner;
  const list: OtherCall = { feature: 'other', operation: 'listModels' };
  const check: OtherCall = { feature: 'other', operation: 'checkHealth' };
  return {
    apiVersion: inner.apiVersion,
    name: inner.name,
    model: inner.model,
    local: inner.local,
    capabilities: inner.capabilities,
    ...(inner.slowStart === undefined ? {} : { slowStart: inner.slowStart }),
    completeCode: (request, signal) =>
      unary({ feature: 'completion', request }, signal, (own) => inner.completeCode(request, own)),
    chat: (request, signal) => unary({ feature: 'chat', request }, signal, (own) => inner.chat(request, own)),
    streamChat: (request, signal) =>
      stream({ feature: 'chat', request }, signal, (own) => inner.streamChat(request, own)),
    ...(streamCode && {
      streamCode: (request, signal) =>
        stream({ feature: 'completion', request }, signal, (own) => streamCode.call(inner, request, own)),
    }),
    ...(embed && {
      embed: (request, signal) =>
        unary({ feature: 'other', operation: 'embed', request }, signal, (own) => embed.call(inner, request, own)),
    }),
    ...(countTokens && {
      countTokens: (text, signal) =>
        unary({ feature: 'other', operation: 'countTokens', request: { text } }, signal, (own) =>
          countTokens.call(inner, text, own),
        ),
    }),
    ...(listModels && { listModels: (signal) => unary(list, signal, (own) => listModels.call(inner, own)) }),
    ...(checkHealth && { checkHealth: (signal) => unary(check, signal, (own) => checkHealth.call(inner, own)) }),
    ...(lastHealth && { lastHealth: () => lastHealth.call(inner) }),
    ...(allowances && { allowances: () => allowances.call(inner) }),
    ...(initialize && { initialize: (signal) => initialize.call(inner, signal) }),
    ...(dispose && { dispose: () => dispose.call(inner) }),
  };
}
