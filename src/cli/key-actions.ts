/** The actions of `inkling keys` on one key. What they print never holds it, but for `get --reveal`. */
import { vendorKeys } from '../config/vendors.ts';
import { sourceOf } from '../credentials/distant-key.ts';
import type { StoredKeyRecord } from '../credentials/key-index.ts';
import { type StoreName, StoreUnavailable } from '../credentials/key-store.ts';
import { placeOfKey } from '../credentials/resolve-api-key.ts';
import { Secret } from '../domain/secret.ts';
import { type ParsedArguments, UsageError } from './arguments.ts';
import { CommandFailure, exitCode, type Surroundings } from './command.ts';
import { askHidden } from './hidden-prompt.ts';
import { isAskable, type KeyDesk } from './key-desk.ts';
import { entriesNamed, type KeyTarget, keyTarget } from './key-target.ts';
import { readAll } from './read-all.ts';
import { clean, printableJson } from './terminal.ts';

/** Bytes; no key is longer. */
const LONGEST_KEY = 4_096;

export async function setKey(
  name: string,
  desk: KeyDesk,
  input: ParsedArguments,
  surroundings: Surroundings,
): Promise<number> {
  const { terminal, signal } = surroundings;
  const wanted = wantedStore(input);
  const target = keyTarget(name, desk.settings);
  const before = await desk.stored.find(name, signal);
  const key = await readKey(`Key of ${name}, for ${target.origin}: `, surroundings);
  const { store, fingerprint } = await keep(target, key, wanted, desk, surroundings);
  desk.audit.record({ event: 'key', action: 'set', name, fingerprint });
  terminal.print(
    `The key of "${name}" is stored in ${whereIs(store, desk)}. It is sent to ${clean(target.origin)} alone.\n`,
  );
  if (before !== undefined) {
    terminal.print('It replaces the one that was stored. Servers that run take it when that one is refused.\n');
  }
  sayWhatComesFirst(target, surroundings);
  return exitCode.done;
}

/** In the keychain, or where none can be asked and nobody insisted on one, in the encrypted file. */
async function keep(
  { name, origin }: KeyTarget,
  key: Secret,
  wanted: StoreName | undefined,
  { stored }: KeyDesk,
  surroundings: Surroundings,
): Promise<StoredKeyRecord> {
  const { terminal, signal, place } = surroundings;
  const put = (store: StoreName) => stored.set(name, { key, origin, store }, signal);
  if (wanted !== undefined) return put(wanted);
  try {
    return await put('keychain');
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const canSeal = isAskable(surroundings) || Boolean(place.environment['INKLING_PASSPHRASE']);
    if (!canSeal) {
      throw new CommandFailure(
        `${error.message} Nothing was stored. With --store file the key goes into an encrypted file instead: sealed by the passphrase in INKLING_PASSPHRASE, or without one by a key file beside it, which keeps it from being read by accident and no more.`,
      );
    }
    terminal.complain(`${clean(error.message)} The key goes into an encrypted file instead.\n`);
    return put('file');
  }
}

export async function getKey(
  name: string,
  { stored, settings }: KeyDesk,
  input: ParsedArguments,
  { terminal, signal }: Surroundings,
): Promise<number> {
  const record = await stored.find(name, signal);
  if (record === undefined) throw noneStored(name);
  const inUse = entriesNamed(name, settings).map(({ id }) => id);
  const revealed = input.has('reveal') ? (await stored.read(name, signal))?.key.reveal() : undefined;
  if (input.has('json')) {
    const { previous, ...facts } = record;
    const shown = { name, ...facts, rotating: previous !== undefined, providers: inUse };
    terminal.print(printableJson(revealed === undefined ? shown : { ...shown, key: revealed }));
  } else {
    terminal.print(`${revealed ?? `[secret sha256:${record.fingerprint}]`}\n`);
  }
  return exitCode.done;
}

export async function rotateKey(
  name: string,
  { stored, audit }: KeyDesk,
  _input: ParsedArguments,
  surroundings: Surroundings,
): Promise<number> {
  const { terminal, signal } = surroundings;
  const record = await stored.find(name, signal);
  if (record === undefined) throw noneStored(name);
  const key = await readKey(`New key of ${name}, for ${record.origin}: `, surroundings);
  const rotated = await stored.rotate(name, key, signal);
  if (rotated === undefined) throw noneStored(name);
  audit.record({ event: 'key', action: 'rotated', name, fingerprint: rotated.fingerprint });
  terminal.print(
    `The new key of "${name}" is stored. The old one is kept until the new one has worked; then it is dropped by itself,\n` +
      `or at once by "inkling keys rotate ${name} --finish". Servers that run take the new key when the old one is refused.\n`,
  );
  return exitCode.done;
}

export async function finishRotation(
  name: string,
  { stored, audit }: KeyDesk,
  _input: ParsedArguments,
  { terminal, signal }: Surroundings,
): Promise<number> {
  const record = await stored.find(name, signal);
  if (record === undefined) throw noneStored(name);
  const dropped = await stored.finish(name, undefined, signal);
  if (dropped) audit.record({ event: 'key', action: 'finished', name, fingerprint: record.fingerprint });
  terminal.print(dropped ? `The old key of "${name}" is dropped.\n` : `No old key of "${name}" is kept.\n`);
  return exitCode.done;
}

export async function removeKey(
  name: string,
  { stored, audit }: KeyDesk,
  _input: ParsedArguments,
  { terminal, signal }: Surroundings,
): Promise<number> {
  const removed = await stored.remove(name, signal);
  if (removed === undefined) throw noneStored(name);
  audit.record({ event: 'key', action: 'removed', name, fingerprint: removed.fingerprint });
  terminal.print(`The key of "${name}" is removed from ${sourceOf(removed).split(',', 1)[0]}.\n`);
  terminal.print('Servers that run keep it in memory until they end. If others know it, revoke it at the provider.\n');
  return exitCode.done;
}

function wantedStore(input: ParsedArguments): StoreName | undefined {
  const store = input.text('store');
  if (store === undefined || store === 'keychain' || store === 'file') return store;
  throw new UsageError(`--store is "keychain" or "file", not "${store}".`);
}

async function readKey(question: string, surroundings: Surroundings): Promise<Secret> {
  const { input, signal } = surroundings;
  const said = isAskable(surroundings)
    ? await askHidden(question, surroundings)
    : await readAll(input, LONGEST_KEY, signal);
  const key = said.trim();
  if (key === '') throw new UsageError('There is no key. Type it when asked, or pipe it in.');
  if (key.length > LONGEST_KEY) throw new UsageError('That is longer than any key.');
  // It travels in a header.
  if (/^[\x21-\x7e]+$/.test(key)) return new Secret(key);
  throw new UsageError('That holds characters no key has, such as spaces or line breaks. Copy it again.');
}

function noneStored(name: string): CommandFailure {
  return new CommandFailure(`No key is stored for "${clean(name)}". "inkling keys list" says which are.`);
}

function whereIs(store: StoreName, { folder }: KeyDesk): string {
  return store === 'keychain' ? "the system's keychain" : `the encrypted file in ${clean(folder)}`;
}

/** A stored key that is not the one in use would be a riddle. */
function sayWhatComesFirst({ name, entries }: KeyTarget, { terminal, place }: Surroundings): void {
  for (const entry of entries) {
    const vendor = vendorKeys(entry.kind, entry.baseUrl);
    const found = placeOfKey(entry, vendor, { environment: (variable) => place.environment[variable] });
    if ('distant' in found && found.distant === 'stored' && found.name === name) continue;
    const variable =
      'source' in found && entry.apiKey === undefined ? found.source.replace('environment ', '') : undefined;
    terminal.complain(
      variable === undefined
        ? `providers.${entry.id}.apiKey of the settings names another key, which comes first. Remove it, or make it {"stored": "${name}"}.\n`
        : `${variable} is set here and comes first. Unset it where the editor is started to use the stored key.\n`,
    );
  }
}
