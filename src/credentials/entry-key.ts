/** What a provider's calls see of its key: the words between whoever finds keys and whoever calls. */
import type { ProviderHealth } from '../domain/ai-provider.ts';
import type { Secret } from '../domain/secret.ts';

/** How long a call waits for a key that is on its way: typing hardly does. */
export type KeyPatience = 'typing' | 'asking';

export interface EntryKey {
  /** `undefined` where there is none. Throws `AiError` of kind `notConfigured` where it cannot be had or may not be sent. */
  now(): Secret | undefined;
  /** Where the key comes from or what to do to have one, after asking for it where it has to be asked for. */
  describe(signal: AbortSignal): Promise<KeyDescription>;
  /** Absent where the key is at hand and never changes. */
  readonly distant?: DistantKey;
}

/** Never the key itself. `source`: for people, for example `environment OPENAI_API_KEY`. */
export type KeyDescription = { readonly source: string } | { readonly missing: string } | { readonly refused: string };

/** A key that has to be asked for, and may be another one tomorrow. */
export interface DistantKey {
  /** Finds out whether there is a key to ask for, without asking. Never rejects. */
  look(): Promise<void>;
  /** As `describe` of the entry, but nothing is asked for. */
  glance(): Promise<KeyDescription>;
  /** Asks for the key where nobody did. Resolves when it is there, or not, or when patience ends. Rejects when aborted. */
  ready(patience: KeyPatience, signal: AbortSignal): Promise<void>;
  /** The provider refused this key. True where there is another one from now on. Never rejects. */
  refused(key: Secret): Promise<boolean>;
  /** The provider took this key. */
  worked(key: Secret): void;
  /** What the key alone says of the provider; `undefined` where that is nothing. */
  health(): ProviderHealth | undefined;
  /** Whose key the provider refuses, and what to do, as sentences. */
  advice(): string;
  /** What could not be asked is asked again by the next call. */
  askAgain(): void;
  /** Nobody will ask for it any more. */
  dispose(): void;
}

/** What happened to a stored key while it was in use. */
export interface KeyEvent {
  /** `switched`: the provider refused one key and another one took its place. `finished`: the one before was dropped. */
  readonly action: 'switched' | 'finished';
  /** The id of the entry. */
  readonly provider: string;
  /** The first eight hexadecimal digits of the SHA-256 of the key in use now. */
  readonly fingerprint: string;
}
