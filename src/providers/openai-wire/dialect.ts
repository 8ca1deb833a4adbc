/** Where servers that speak OpenAI's wire differ. One constant per kind of provider; code that asks who the server is would be one more. */
import type { ModelDescription } from '../model-knowledge.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Dialect {
  /** False for servers that may run without a key. */
  readonly keyRequired: boolean;
  /** The variable people put the key into, for advice. */
  readonly keyVariable?: string;
  readonly tokenLimit: 'max_tokens' | 'max_completion_tokens';
  /** Fields of every chat request. */
  readonly chatFields: Fields;
  /** Absent where the server counts tokens unasked. */
  readonly streamOptions?: Fields;
  /** Where text is completed without a chat, and with it the middle filled in. Absent: the server only chats. */
  readonly rawEndpoint?: RawEndpoint;
  /** Absent: tokens are estimated. */
  readonly tokenCount?: TokenCountEndpoint;
  /** Absent: the server embeds nothing. */
  readonly embeddings?: Embeddings;
  /** What an element of the server's list of models says. Absent: no more than the size of its context. */
  readonly describe?: (listed: unknown) => ModelDescription;
}

export interface RawEndpoint {
  readonly path: '/completions' | '/fim/completions';
  readonly streamOptions?: Fields;
  /** True where the server puts prompt and suffix into the model's tokens itself, whatever they are. */
  readonly rendersTokens: boolean;
}

export interface TokenCountEndpoint {
  readonly path: string;
  /** UTF-8 bytes beyond which the answer would be too large to be read, and the tokens are estimated. */
  readonly longest?: number;
  body(model: string, text: string): Fields;
  /** `undefined` where the answer does not say it. */
  read(answer: unknown): number | undefined;
}

export interface Embeddings {
  /** Used where a request names no model; absent: the entry's own. */
  readonly model?: string;
  readonly fields: Fields;
}
