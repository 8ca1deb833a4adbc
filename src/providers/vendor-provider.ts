/**
 * Makes a provider of what is a vendor's own: both forms of each call, honest refusals of what it does not offer, and its
 * health. Apart so that vendors cannot differ in what is none of their business.
 */
import { AiError } from '../domain/ai-error.ts';
import {
  type AiCapabilities,
  type AiProvider,
  aiProviderApiVersion,
  type EmbedRequest,
  type ProviderHealth,
  type StreamingProvider,
} from '../domain/ai-provider.ts';
import type { ChatRequest, ChatResponse, ChatResponseChunk } from '../domain/chat.ts';
import type { CompletionChunk, CompletionRequest } from '../domain/completion.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { collectChat, collectCode } from './adapt-streaming.ts';
import { asChat } from './answer-chunks.ts';
import type { HealthTracker } from './http/health.ts';
import type { AnswerChunk } from './http/read-answer.ts';

export interface Embedded {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string;
  readonly inputTokens?: number | undefined;
}

/** A vendor's own part of its provider. Every call rejects with `AiError`, and is only made where it is offered. */
export interface VendorParts
  extends Required<Pick<AiProvider, 'countTokens' | 'listModels'>>,
    Pick<AiProvider, 'model' | 'capabilities' | 'slowStart' | 'initialize' | 'dispose'> {
  readonly entry: ProviderEntry;
  readonly health: HealthTracker;
  streamCode(request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionChunk>;
  streamChat(request: ChatRequest, signal: AbortSignal): AsyncIterable<AnswerChunk>;
  /** A chat in one piece. Absent: it is streamed. */
  chat?(request: ChatRequest, signal: AbortSignal): Promise<AnswerChunk>;
  /** Absent: what to do for embeddings instead, as a sentence. */
  readonly embed: ((request: EmbedRequest, signal: AbortSignal) => Promise<Embedded>) | string;
  /** Asks the server for its model, and gives what is amiss; `undefined` where nothing is. */
  lookForModel(signal: AbortSignal): Promise<ProviderHealth | undefined>;
  /** What it means where that is not found. Absent: nothing. */
  notFound?(error: AiError): ProviderHealth;
  /** Why no call can be made with the key as it is now. Absent: no key is needed. */
  keyMissing?(): AiError | undefined;
  /** What keeps the provider from answering for a while. Absent: nothing but what its calls show. */
  busy?(): ProviderHealth | undefined;
}

export function createVendorProvider(parts: VendorParts): StreamingProvider {
  const { entry, capabilities, health, slowStart, embed, initialize, dispose } = parts;
  const name = entry.id;
  const need = (capability: Offer) => needOffer(name, capabilities, capability);

  async function* streamCode(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionChunk> {
    need('codeCompletion');
    yield* parts.streamCode(request, signal);
  }
  async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatResponseChunk> {
    need('chat');
    yield* asChat(parts.streamChat(request, signal));
  }
  async function* whole(ask: Promise<AnswerChunk>): AsyncGenerator<AnswerChunk> {
    yield await ask;
  }

  return {
    apiVersion: aiProviderApiVersion,
    name,
    capabilities,
    model: parts.model,
    local: false,
    ...(slowStart === undefined ? {} : { slowStart }),
    streamCode,
    streamChat,
    completeCode: (request, signal) => collectCode(streamCode(request, signal), name),
    async chat(request, signal): Promise<ChatResponse> {
      need('chat');
      const answer = parts.chat?.(request, signal);
      return collectChat(answer === undefined ? streamChat(request, signal) : asChat(whole(answer)), name);
    },
    async embed(request, signal) {
      if (typeof embed === 'string') throw new AiError('unsupported', name, `${name} offers no embeddings. ${embed}`);
      need('embeddings');
      const { vectors, model, inputTokens } = await embed(request, signal);
      const usage = inputTokens === undefined ? {} : { usage: { inputTokens, outputTokens: 0 } };
      return { vectors, model, dimensions: vectors[0]?.length ?? 0, ...usage };
    },
    async countTokens(text, signal) {
      need('tokenCounting');
      return parts.countTokens(text, signal);
    },
    listModels: (signal) => parts.listModels(signal),
    async checkHealth(signal) {
      try {
        const amiss = await parts.lookForModel(signal);
        // It answered, whatever the last call came to.
        health.answered();
        return amiss ?? lastHealth();
      } catch (error) {
        if (!(error instanceof AiError) || error.kind === 'cancelled') throw error;
        return (error.kind === 'notFound' ? parts.notFound?.(error) : undefined) ?? health.current();
      }
    },
    lastHealth,
    allowances: () => health.allowances.current(),
    ...(initialize && {
      async initialize(signal: AbortSignal) {
        if (parts.keyMissing?.() === undefined) await initialize(signal);
      },
    }),
    ...(dispose && { dispose }),
  };

  function lastHealth(): ProviderHealth {
    const missing = parts.keyMissing?.();
    if (missing !== undefined) return { state: 'unconfigured', message: missing.message };
    return parts.busy?.() ?? health.current();
  }
}

const offers = {
  chat: 'chat',
  codeCompletion: 'code completion',
  embeddings: 'embeddings',
  tokenCounting: 'token counts',
} as const;
export type Offer = keyof typeof offers & keyof AiCapabilities;

/** Throws `AiError` of kind `unsupported` where the provider does not offer it. */
export function needOffer(provider: string, capabilities: AiCapabilities, offer: Offer): void {
  if (capabilities[offer]) return;
  throw new AiError('unsupported', provider, `${provider} does not offer ${offers[offer]}.`);
}
