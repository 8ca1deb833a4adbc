/** Chat: the question and the answer. Immutable; build them with the functions below. */
import type { FinishReason, ProviderExtension } from './completion.ts';
import type { Usage } from './usage.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly ChatMessage[];
  readonly model?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly extension?: ProviderExtension;
}

export interface ChatResponse {
  readonly message: { readonly role: 'assistant'; readonly content: string };
  readonly model: string;
  /** Set where several providers may have answered: the id of the one that did. */
  readonly provider?: string;
  readonly finishReason: FinishReason;
  readonly usage?: Usage;
  /** True where an earlier identical call was answered and nobody was asked now. */
  readonly cached?: boolean;
}

/** A part of the answer; the last chunk, and only it, carries `finish`. A stream without it was cut off: an error. */
export interface ChatResponseChunk {
  readonly delta: string;
  readonly finish?: {
    readonly reason: FinishReason;
    readonly model: string;
    readonly provider?: string;
    readonly usage?: Usage;
    readonly cached?: boolean;
  };
}

export function chatRequest(messages: readonly ChatMessage[], init: Omit<ChatRequest, 'messages'> = {}): ChatRequest {
  return Object.freeze({ ...init, messages: Object.freeze(messages.map((message) => Object.freeze({ ...message }))) });
}

export function chatResponse(
  content: string,
  init: Pick<ChatResponse, 'model'> & Partial<Omit<ChatResponse, 'message'>>,
): ChatResponse {
  return Object.freeze({ finishReason: 'stop', ...init, message: Object.freeze({ role: 'assistant', content }) });
}
