/** Code completion: the question and the answer. Immutable; build them with the functions below. */
import type { CodeContext } from './code-context.ts';
import type { Usage } from './usage.ts';

/** Why generation ended: at a natural end or stop sequence, at the token limit, or by the provider's filter. */
export type FinishReason = 'stop' | 'length' | 'filtered';

/** Fields only one provider understands, merged into its request body as they are. */
export type ProviderExtension = Readonly<Record<string, unknown>>;

export interface CompletionRequest {
  readonly context: CodeContext;
  /** `line`: up to the end of the cursor's line. `block`: up to `maxLines` lines. */
  readonly shape: 'line' | 'block';
  readonly maxLines: number;
  readonly maxTokens: number;
  /** How many different texts are wanted; a provider may give fewer. */
  readonly candidates: number;
  /** `explicit` when the user asked with a key. */
  readonly trigger: 'automatic' | 'explicit';
  /** 0 to 2; absent leaves it to the provider entry or the vendor. */
  readonly temperature?: number;
  readonly extension?: ProviderExtension;
}

export interface CompletionResponse {
  /** Best first; empty when the provider has nothing to offer. Raw: not yet cut to the document. */
  readonly candidates: readonly CompletionCandidate[];
  readonly model: string;
  /** Set where several providers may have answered: the id of the one that did. */
  readonly provider?: string;
  readonly finishReason: FinishReason;
  readonly usage?: Usage;
  /** One sentence for `explain`, for example which prompt form was used or why nothing is offered. */
  readonly note?: string;
  /** True where an earlier identical call was answered and nobody was asked now. */
  readonly cached?: boolean;
}

export interface CompletionCandidate {
  /** The text to put at the cursor, line ends as `\n`. */
  readonly text: string;
  /** 0 to 1 where the provider knows it. */
  readonly score?: number;
}

/** A part of the first candidate; the last chunk, and only it, carries `finish`. A stream without it was cut off: an error. */
export interface CompletionChunk {
  readonly delta: string;
  /** Set where several providers may answer: this one begins here, from the start. What came before it is void. */
  readonly begins?: { readonly provider: string; readonly model: string };
  readonly finish?: {
    readonly reason: FinishReason;
    readonly model: string;
    readonly provider?: string;
    readonly usage?: Usage;
    readonly note?: string;
    readonly cached?: boolean;
  };
}

export type CompletionRequestInit = Pick<CompletionRequest, 'context'> & Partial<CompletionRequest>;

/** The defaults of a request nobody tuned: one block of at most 12 lines and 256 tokens, asked for by the user. */
export function completionRequest(init: CompletionRequestInit): CompletionRequest {
  return Object.freeze({
    shape: 'block',
    maxLines: 12,
    maxTokens: 256,
    candidates: 1,
    trigger: 'explicit',
    ...init,
  } satisfies CompletionRequest);
}

export function completionResponse(
  init: Pick<CompletionResponse, 'candidates' | 'model'> & Partial<CompletionResponse>,
): CompletionResponse {
  return Object.freeze({ finishReason: 'stop', ...init } satisfies CompletionResponse);
}
