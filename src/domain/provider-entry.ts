/** A provider as the settings describe it and a factory receives it. */
import type { AiCapabilities, AiProvider } from './ai-provider.ts';
import type { ProviderExtension } from './completion.ts';
import type { Clock, Log, ProgressReporter } from './ports.ts';
import type { Secret } from './secret.ts';
import type { DocumentFeed, WorkspaceRoots } from './text.ts';

/**
 * Where a key is: in an environment variable, stored under a name by `inkling keys`, printed by a program, or written down
 * in the user's own settings.
 */
export type ApiKeySource =
  | { readonly env: string }
  | { readonly stored: string }
  | { readonly command: readonly string[] }
  | string;

/**
 * How a raw completion endpoint is told what follows the cursor: by the special tokens of a model family, or by the
 * request's `suffix` field. `none`: the model only chats, and is asked to fill a hole.
 */
export const fimForms = [
  'none',
  'suffix',
  'qwen',
  'starcoder',
  'codellama',
  'deepseek',
  'codestral',
  'codegemma',
] as const;
export type FimForm = (typeof fimForms)[number];

export interface ProviderEntry {
  readonly id: string;
  /** Which factory makes it, for example `openai-compatible`. */
  readonly kind: string;
  readonly model?: string;
  /** Without a trailing slash. */
  readonly baseUrl?: string;
  readonly apiKey?: ApiKeySource;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds one call may take; the tighter of this and the feature's own limit holds. */
  readonly timeout?: number;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly contextWindow?: number;
  readonly capabilities?: Partial<AiCapabilities>;
  readonly requestOptions?: ProviderExtension;
  readonly organization?: string;
  readonly project?: string;
  readonly reasoningEffort?: string;
  readonly fim?: FimForm;
  /** An absolute path or a `file:` URL of the user's own code. Comes from the user's own file alone. */
  readonly module?: string;
  /** How long a local server keeps the model in memory unasked: `30m`, seconds, or a negative number for ever. */
  readonly keepAlive?: string;
  /** Gemini: which answers it keeps back, by its own names of categories and thresholds. */
  readonly safetySettings?: readonly { readonly category: string; readonly threshold: string }[];
  /** The `anthropic-version` header, a date; absent: the newest the adapter knows. */
  readonly anthropicVersion?: string;
}

/** What a factory may use. Nothing else of the process is within a provider's reach. */
export interface ProviderDependencies {
  readonly clock: Clock;
  readonly log: Log;
  /**
   * The key for this entry as it is now, already checked to belong to the origin it would be sent to.
   * `undefined` where there is none. Throws `AiError` of kind `notConfigured` where sending it would be wrong.
   */
  apiKey(): Secret | undefined;
  readonly documents: DocumentFeed;
  readonly roots: WorkspaceRoots;
  readonly progress: ProgressReporter;
}

/** Makes a provider of one kind. Called on first use; a rejected promise is tried again at the next use. */
export type ProviderFactory = (
  entry: ProviderEntry,
  dependencies: ProviderDependencies,
) => AiProvider | Promise<AiProvider>;
