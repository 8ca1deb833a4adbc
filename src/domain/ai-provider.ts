/** The one interface behind which every model stands. Wrappers take an `AiProvider` and return one. */
import type { Allowance } from './allowance.ts';
import type { ChatRequest, ChatResponse, ChatResponseChunk } from './chat.ts';
import type { CompletionChunk, CompletionRequest, CompletionResponse } from './completion.ts';
import type { Usage } from './usage.ts';

/** Bumped when a provider written for the old interface would no longer work. */
export const aiProviderApiVersion = 1;

/** What a provider can do. Honest: asking for what is `false` is answered by `AiError` of kind `unsupported`. */
export interface AiCapabilities {
  readonly streaming: boolean;
  readonly codeCompletion: boolean;
  /** Native fill-in-the-middle: the model sees what follows the cursor by its own tokens or endpoint. */
  readonly fim: boolean;
  readonly chat: boolean;
  readonly embeddings: boolean;
  readonly tokenCounting: boolean;
  /** Tokens of prompt and answer together; `null` where it is unknown. */
  readonly contextWindow: number | null;
}

export interface EmbedRequest {
  readonly input: readonly string[];
  readonly model?: string;
}

export interface EmbedResponse {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string;
  readonly dimensions: number;
  readonly usage?: Usage;
}

export interface ModelInfo {
  readonly id: string;
  readonly contextWindow?: number;
  readonly capabilities?: Partial<AiCapabilities>;
}

/** What is known of a provider now. `open`: its circuit breaker refuses calls until `retryAt` (Unix milliseconds). */
export interface ProviderHealth {
  readonly state: 'ready' | 'degraded' | 'open' | 'unconfigured' | 'unreachable';
  readonly message?: string;
  readonly retryAt?: number;
}

/**
 * Every call takes a signal. An aborted call rejects with `AiError` of kind `cancelled` (or the platform's `AbortError`)
 * and closes its connection; leaving a `for await` loop over a stream closes it too. Failures are `AiError`s.
 * Streams are pull-based: nothing is read from the network that nobody asked for.
 */
export interface AiProvider {
  readonly apiVersion: typeof aiProviderApiVersion;
  /** The id of its settings entry, for example `openai` or `my-vllm`. */
  readonly name: string;
  readonly capabilities: AiCapabilities;
  /** The model that answers when the request names none; empty where there is no such thing. */
  readonly model: string;
  /** True when calls stay in this process: no debounce, no exclusion of what may not leave the machine. */
  readonly local: boolean;
  /** True where the first word of a chat may take long: the model thinks before it writes, or has to be loaded. */
  readonly slowStart?: boolean;

  completeCode(request: CompletionRequest, signal: AbortSignal): Promise<CompletionResponse>;
  chat(request: ChatRequest, signal: AbortSignal): Promise<ChatResponse>;
  streamChat(request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatResponseChunk>;

  streamCode?(request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionChunk>;
  embed?(request: EmbedRequest, signal: AbortSignal): Promise<EmbedResponse>;
  /** `exact` is false where it is an estimate. */
  countTokens?(text: string, signal: AbortSignal): Promise<{ readonly tokens: number; readonly exact: boolean }>;
  listModels?(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  checkHealth?(signal: AbortSignal): Promise<ProviderHealth>;
  /** Health as the last calls showed it, without asking. */
  lastHealth?(): ProviderHealth;
  /** What its last answers said may still be asked of it; nothing where they said nothing. */
  allowances?(): readonly Allowance[];
  /** Called once before the first call, in the background. */
  initialize?(signal: AbortSignal): Promise<void>;
  /** Called once, after the last call in flight has ended. */
  dispose?(): Promise<void>;
}

/** A provider whose completions can be read while they are written, natively or because a wrapper made them so. */
export interface StreamingProvider extends AiProvider {
  streamCode(request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionChunk>;
}
