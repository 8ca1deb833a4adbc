/** The stored keys of this user on this machine: which stores there are and who says a passphrase. */
import type { Clock } from '../domain/ports.ts';
import { createKeychain } from './keychain.ts';
import { createPrivateFolder } from './private-folder.ts';
import { createSealedFile, type SealedFileOptions } from './sealed-file.ts';
import { createStoredKeys, type StoredKeys } from './stored-keys.ts';

export interface OpenStoredKeysOptions extends Pick<SealedFileOptions, 'passphrase' | 'newPassphrase'> {
  readonly folder: string;
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
  /** Of questions to the keychain. */
  readonly patience?: number;
  onLateAnswer?(): void;
}

export function openStoredKeys(options: OpenStoredKeysOptions): StoredKeys {
  const { clock } = options;
  const folder = createPrivateFolder({ ...options, path: options.folder });
  const stores = { keychain: createKeychain(options), file: createSealedFile({ ...options, folder }) };
  return createStoredKeys({ folder, stores, clock });
}
