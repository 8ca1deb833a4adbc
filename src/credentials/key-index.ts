/**
 * What is known of the stored keys without asking for one: which there are, since when, for which address, and where. It
 * holds no key. Apart because listing keys, and finding that there is none, must not unlock a keychain.
 */
import { type StoreName, StoreUnavailable } from './key-store.ts';
import type { PrivateFolder } from './private-folder.ts';

export interface KeyFacts {
  /** ISO 8601, when it was stored. */
  readonly since: string;
  /** The first eight hexadecimal digits of its SHA-256. */
  readonly fingerprint: string;
}

export interface StoredKeyRecord extends KeyFacts {
  readonly store: StoreName;
  /** The only place the key is sent to. */
  readonly origin: string;
  /** The one before, kept until this one was seen to work. */
  readonly previous?: KeyFacts;
}

export type KeyIndex = ReadonlyMap<string, StoredKeyRecord>;

export interface KeyIndexFile {
  /** Rejects with `StoreUnavailable`. Reads the disk only where the file has changed. */
  read(signal: AbortSignal): Promise<KeyIndex>;
  /** Call it while alone in the folder. */
  write(index: KeyIndex, signal: AbortSignal): Promise<void>;
}

export const INDEX_FILE = 'index.json';

export function createKeyIndex(folder: PrivateFolder): KeyIndexFile {
  let known: { readonly version: string | undefined; readonly index: KeyIndex } | undefined;
  return {
    async read(signal) {
      const version = await folder.version(INDEX_FILE);
      if (known !== undefined && known.version === version) return known.index;
      const index = parse(await folder.read(INDEX_FILE, signal), folder.path);
      known = { version, index };
      return index;
    },
    async write(index, signal) {
      known = undefined;
      const keys = Object.fromEntries([...index].sort(([one], [other]) => (one < other ? -1 : 1)));
      await folder.write(INDEX_FILE, `${JSON.stringify({ version: 1, keys }, null, 2)}\n`, signal);
    },
  };
}

function parse(text: string | undefined, path: string): KeyIndex {
  if (text === undefined) return new Map();
  try {
    const { version, keys } = JSON.parse(text) as { version?: unknown; keys?: unknown };
    if (version === 1 && typeof keys === 'object' && keys !== null) {
      return new Map(Object.entries(keys).map(([name, record]) => [name, checked(record)]));
    }
  } catch {
    // Said below: what is no JSON and what is no index are the same to the user.
  }
  throw new StoreUnavailable(`${path} holds a damaged ${INDEX_FILE}: remove it and store the keys again.`);
}

function checked(value: unknown): StoredKeyRecord {
  const { store, origin, previous, ...facts } = value as Record<string, unknown>;
  if ((store !== 'keychain' && store !== 'file') || typeof origin !== 'string') throw new TypeError('No record.');
  return {
    store,
    origin,
    ...checkedFacts(facts),
    ...(previous === undefined ? {} : { previous: checkedFacts(previous) }),
  };
}

function checkedFacts(value: unknown): KeyFacts {
  const { since, fingerprint } = value as Record<string, unknown>;
  if (typeof since !== 'string' || typeof fingerprint !== 'string') throw new TypeError('No record.');
  return { since, fingerprint };
}
