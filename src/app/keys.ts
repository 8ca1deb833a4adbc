/** The keys of this process's providers: composed of where they come from, each of which is loaded when it is first needed. */

import type { UserPlace } from '../config/user-file.ts';
import { keysFolder } from '../config/user-folders.ts';
import { vendorKeys } from '../config/vendors.ts';
import { type ApiKeys, type ApiKeysOptions, createApiKeys } from '../credentials/api-keys.ts';
import type { StoredKeys } from '../credentials/stored-keys.ts';

export interface AppKeysOptions extends Pick<ApiKeysOptions, 'clock' | 'log' | 'onEvent' | 'onRenewed'> {
  readonly place: UserPlace;
}

export function createAppKeys({ place, ...options }: AppKeysOptions): ApiKeys {
  const { environment, platform } = place;
  let stored: Promise<StoredKeys> | undefined;

  /** A process that an editor started can ask nobody for a passphrase. */
  async function openStored(): Promise<StoredKeys> {
    const { openStoredKeys } = await import('../credentials/open-stored-keys.ts');
    return openStoredKeys({
      folder: keysFolder(place),
      clock: options.clock,
      platform,
      passphrase: async () => environment['INKLING_PASSPHRASE'] || undefined,
      newPassphrase: async () => environment['INKLING_PASSPHRASE'] || undefined,
      onLateAnswer: () => keys.askAgain(),
    });
  }

  const keys = createApiKeys({
    secrets: { environment: (name) => environment[name] },
    vendorKeys: ({ kind, baseUrl }) => vendorKeys(kind, baseUrl),
    stored() {
      stored ??= openStored();
      return stored;
    },
    async runCommand(command, signal) {
      const { createKeyCommand } = await import('../credentials/key-command.ts');
      return createKeyCommand()(command, signal);
    },
    ...options,
  });
  return keys;
}
