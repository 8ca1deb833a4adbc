/** The port of a place that keeps secrets by name: the keychain of the system, an encrypted file, or a test's own. */

export type StoreName = 'keychain' | 'file';

export interface KeyStore {
  readonly name: StoreName;
  /** `undefined` where the store says that there is nothing, which of a keychain is no proof. Rejects with `StoreUnavailable`. */
  read(account: string, signal: AbortSignal): Promise<string | undefined>;
  /** Resolves once the value was read back. Rejects with `StoreUnavailable`. */
  write(account: string, value: string, signal: AbortSignal): Promise<void>;
  /** Does nothing where there is nothing. Rejects with `StoreUnavailable`. */
  remove(account: string, signal: AbortSignal): Promise<void>;
}

/** The store cannot be asked now; the message says why and what to do, and never holds a secret. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
