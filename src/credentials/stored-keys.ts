/** The keys a user stored by `inkling keys`: each bound to the address it was stored for, and replaceable while it is in use. */
import type { Clock } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import { fingerprint } from '../util/fingerprint.ts';
import { createKeyIndex, type KeyFacts, type StoredKeyRecord } from './key-index.ts';
import { type KeyStore, type StoreName, StoreUnavailable } from './key-store.ts';
import type { PrivateFolder } from './private-folder.ts';

export interface StoredKey {
  readonly key: Secret;
  readonly record: StoredKeyRecord;
}

/** Every call rejects with `StoreUnavailable` where a store cannot be asked. */
export interface StoredKeys {
  /** What is known of a key without asking for it; `undefined` where none is stored. */
  find(name: string, signal: AbortSignal): Promise<StoredKeyRecord | undefined>;
  list(signal: AbortSignal): Promise<readonly (readonly [name: string, record: StoredKeyRecord])[]>;
  read(name: string, signal: AbortSignal): Promise<StoredKey | undefined>;
  /** The key that a rotation replaced, while it is kept. */
  readPrevious(name: string, signal: AbortSignal): Promise<StoredKey | undefined>;
  /** Replaces whatever is stored under the name. */
  set(name: string, key: NewKey, signal: AbortSignal): Promise<StoredKeyRecord>;
  /** Puts a new key in front of the one that is stored, for the same address. `undefined` where there is none. */
  rotate(name: string, key: Secret, signal: AbortSignal): Promise<StoredKeyRecord | undefined>;
  /** Drops the key before. With a fingerprint, only while that is of the newest one. True where there was one to drop. */
  finish(name: string, newest: string | undefined, signal: AbortSignal): Promise<boolean>;
  /** What was removed; `undefined` where nothing was stored. */
  remove(name: string, signal: AbortSignal): Promise<StoredKeyRecord | undefined>;
}

export interface NewKey {
  readonly key: Secret;
  readonly origin: string;
  readonly store: StoreName;
}

export interface StoredKeysOptions {
  readonly folder: PrivateFolder;
  readonly stores: Readonly<Record<StoreName, KeyStore>>;
  readonly clock: Pick<Clock, 'wallClock'>;
}

export function createStoredKeys({ folder, stores, clock }: StoredKeysOptions): StoredKeys {
  const index = createKeyIndex(folder);

  const factsOf = (key: Secret): KeyFacts => ({
    since: new Date(clock.wallClock()).toISOString(),
    fingerprint: fingerprint(key.reveal()),
  });

  async function find(name: string, signal: AbortSignal): Promise<StoredKeyRecord | undefined> {
    return (await index.read(signal)).get(name);
  }

  async function keep(name: string, record: StoredKeyRecord | undefined, signal: AbortSignal): Promise<void> {
    const changed = new Map(await index.read(signal));
    if (record === undefined) changed.delete(name);
    else changed.set(name, record);
    await index.write(changed, signal);
  }

  /** A store that gives nothing for a key it was given has lost it, or is not the store it was. */
  async function fetch(name: string, record: StoredKeyRecord, account: string, signal: AbortSignal): Promise<Secret> {
    const value = await stores[record.store].read(account, signal);
    if (value === undefined) throw new StoreUnavailable(`${titles[record.store]} has no key "${name}" any more.`);
    return unpack(name, record, value);
  }

  /** What was stored for another name or in the other place is of no use any more; that it stays there harms nobody. */
  async function discard(name: string, record: StoredKeyRecord | undefined, now: StoreName, signal: AbortSignal) {
    if (record === undefined) return;
    const accounts = [
      ...(record.store === now ? [] : [name]),
      ...(record.previous === undefined ? [] : [before(name)]),
    ];
    for (const account of accounts) await stores[record.store].remove(account, signal).catch(whenAborted(signal));
  }

  return {
    find,
    list: async (signal) => [...(await index.read(signal))],
    async read(name, signal) {
      const record = await find(name, signal);
      return record && { key: await fetch(name, record, name, signal), record };
    },
    async readPrevious(name, signal) {
      const record = await find(name, signal);
      if (record?.previous === undefined) return undefined;
      return { key: await fetch(name, record, before(name), signal), record };
    },
    set: (name, { key, origin, store }, signal) =>
      folder.alone(signal, async () => {
        const known = await find(name, signal);
        const record = { store, origin, ...factsOf(key) };
        // The key first: what the index names is there.
        await stores[store].write(name, pack(origin, key), signal);
        await keep(name, record, signal);
        await discard(name, known, store, signal);
        return record;
      }),
    rotate: (name, key, signal) =>
      folder.alone(signal, async () => {
        const known = await find(name, signal);
        if (known === undefined) return undefined;
        const { store, origin, since, fingerprint } = known;
        // Of a newest key that was not seen to work nothing is kept: the one before it may be the only one that does.
        const record = { store, origin, ...factsOf(key), previous: known.previous ?? { since, fingerprint } };
        if (known.previous === undefined) {
          const old = await fetch(name, known, name, signal);
          await stores[store].write(before(name), pack(origin, old), signal);
        }
        await stores[store].write(name, pack(origin, key), signal);
        await keep(name, record, signal);
        return record;
      }),
    finish: (name, newest, signal) =>
      folder.alone(signal, async () => {
        const known = await find(name, signal);
        if (known?.previous === undefined) return false;
        if (newest !== undefined && newest !== known.fingerprint) return false;
        const { previous: _, ...record } = known;
        await stores[known.store].remove(before(name), signal);
        await keep(name, record, signal);
        return true;
      }),
    remove: (name, signal) =>
      folder.alone(signal, async () => {
        const known = await find(name, signal);
        if (known === undefined) return undefined;
        if (known.previous !== undefined) await stores[known.store].remove(before(name), signal);
        await stores[known.store].remove(name, signal);
        await keep(name, undefined, signal);
        return known;
      }),
  };
}

/** For people, at the beginning of a sentence. */
const titles: Readonly<Record<StoreName, string>> = { keychain: "The system's keychain", file: 'The file of keys' };

/** Names of keys have no dots. */
function before(name: string): string {
  return `${name}.previous`;
}

/** The address lies with the key: whoever can change the index alone cannot send the key elsewhere. */
function pack(origin: string, key: Secret): string {
  return JSON.stringify({ origin, key: key.reveal() });
}

function unpack(name: string, { origin }: StoredKeyRecord, value: string): Secret {
  try {
    const packed = JSON.parse(value) as { origin?: unknown; key?: unknown };
    if (packed.origin === origin && typeof packed.key === 'string') return new Secret(packed.key);
  } catch {
    // Said below.
  }
  throw new StoreUnavailable(`The stored key "${name}" was changed by something else. Store it again.`);
}

function whenAborted(signal: AbortSignal): () => void {
  return () => signal.throwIfAborted();
}
