/** What every action on keys works with: the settings, the stored keys, and somebody who can be asked for a passphrase. */
import { describeIssue } from '../config/issue.ts';
import { chooseProfile } from '../config/profile.ts';
import type { Settings } from '../config/schema.ts';
import { createSettingsStore } from '../config/store.ts';
import { applyUserFile, readUserFile } from '../config/user-file.ts';
import { nodeUserFileSystem } from '../config/user-file-system.ts';
import { keysFolder, usualAuditFile } from '../config/user-folders.ts';
import { openStoredKeys } from '../credentials/open-stored-keys.ts';
import type { StoredKeys } from '../credentials/stored-keys.ts';
import type { Log } from '../domain/ports.ts';
import { type Audit, createAudit } from '../observability/audit.ts';
import { createLog } from '../observability/log.ts';
import { systemClock } from '../util/system-clock.ts';
import type { ParsedArguments } from './arguments.ts';
import { CommandFailure, exitCode, type Surroundings } from './command.ts';
import { askHidden } from './hidden-prompt.ts';
import { clean } from './terminal.ts';

export interface KeyDesk {
  readonly settings: Settings;
  readonly stored: StoredKeys;
  readonly audit: Audit;
  /** Where the encrypted file is. */
  readonly folder: string;
}

/** A mistake in the settings is said and no hindrance: keys are often what comes first. */
export async function openKeyDesk(input: ParsedArguments, surroundings: Surroundings): Promise<KeyDesk> {
  const { place, terminal, signal } = surroundings;
  const store = createSettingsStore({
    profile: chooseProfile(input.text('profile'), place.environment['INKLING_PROFILE']),
  });
  const file = await readUserFile({ ...place, flag: input.text('config') }, nodeUserFileSystem, signal);
  for (const issue of applyUserFile(store, file).issues) terminal.complain(`${clean(describeIssue(issue))}\n`);
  const folder = keysFolder(place);
  const environment = place.environment['INKLING_PASSPHRASE'] || undefined;
  const stored = openStoredKeys({
    folder,
    clock: systemClock,
    platform: place.platform,
    ...(isAskable(surroundings) && { patience: PATIENCE_OF_PEOPLE }),
    passphrase: async () => environment ?? (isAskable(surroundings) ? askHidden(KNOWN, surroundings) : undefined),
    newPassphrase: async () => environment ?? (isAskable(surroundings) ? askTwice(surroundings) : undefined),
  });
  const settings = store.settings();
  const audit = createAudit({
    file: usualAuditFile(place),
    clock: systemClock,
    // What cannot be written down is said where the command says everything else.
    log: createComplaints(surroundings),
    settings: settings.audit,
  });
  return { settings, stored, audit, folder };
}

/** Milliseconds somebody has to unlock a keychain that asks for it. */
const PATIENCE_OF_PEOPLE = 30_000;

const KNOWN = 'Passphrase of the encrypted file of keys: ';
const NEW =
  'A passphrase for the encrypted file of keys. The editor has to be started with it in INKLING_PASSPHRASE.\n' +
  'Leave it empty for a key file beside it, which keeps keys from being read by accident and no more.\n' +
  'Passphrase: ';

function createComplaints({ terminal }: Surroundings): Log {
  const log = createLog(systemClock, 'warn');
  log.addSink({ write: ({ line }) => terminal.complain(`${clean(line)}\n`) });
  return log;
}

/** Whether a person is at the keyboard. */
export function isAskable({ input }: Surroundings): boolean {
  return input.isTTY === true;
}

/** `undefined` for no passphrase. */
async function askTwice(surroundings: Surroundings): Promise<string | undefined> {
  const first = await askHidden(NEW, surroundings);
  if (first === '') return undefined;
  if ((await askHidden('Again: ', surroundings)) === first) return first;
  throw new CommandFailure('The two passphrases differ. Nothing was stored.', exitCode.failed);
}
