/** Stores of keys as a test needs them: one that is only memory and can be locked, and a whole set of stored keys upon it. */
import { join } from 'node:path';
import { type KeyStore, StoreUnavailable } from '../../src/credentials/key-store.ts';
import { createPrivateFolder, type PrivateFolder } from '../../src/credentials/private-folder.ts';
import { createSealedFile } from '../../src/credentials/sealed-file.ts';
import { createStoredKeys, type StoredKeys } from '../../src/credentials/stored-keys.ts';
import { systemClock } from '../../src/util/system-clock.ts';
import { temporaryFolder } from './command-line.ts';

export interface FakeKeychain extends KeyStore {
  /** What is in it, by account. */
  readonly entries: Map<string, string>;
  /** How often it was asked for a value. */
  readonly reads: number;
  /** Whatever is asked of it fails from now on, or no longer. */
  lock(isLocked: boolean): void;
}

export function createFakeKeychain(): FakeKeychain {
  const entries = new Map<string, string>();
  let locked = false;
  let reads = 0;
  const open = () => {
    if (locked) throw new StoreUnavailable("The system's keychain is not available (it is locked).");
  };
  return {
    name: 'keychain',
    entries,
    get reads() {
      return reads;
    },
    lock(isLocked) {
      locked = isLocked;
    },
    async read(account) {
      reads += 1;
      open();
      return entries.get(account);
    },
    async write(account, value) {
      open();
      entries.set(account, value);
    },
    async remove(account) {
      open();
      entries.delete(account);
    },
  };
}

export interface TestKeys {
  readonly stored: StoredKeys;
  readonly keychain: FakeKeychain;
  readonly folder: PrivateFolder;
}

/** On the disk of the test, which is gone after it. */
export function createTestKeys(): TestKeys {
  const keychain = createFakeKeychain();
  const path = join(temporaryFolder(), 'keys');
  const folder = createPrivateFolder({ path, clock: systemClock, platform: process.platform });
  const nobody = async () => undefined;
  const file = createSealedFile({ folder, passphrase: nobody, newPassphrase: nobody });
  return { stored: createStoredKeys({ folder, stores: { keychain, file }, clock: systemClock }), keychain, folder };
}
