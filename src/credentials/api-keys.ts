/** The keys of the providers as they are now, one for each entry however often it is asked for. */
import { isDeepStrictEqual } from 'node:util';
import type { SecretSource } from '../domain/ports.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { createDistantKey, type DistantKeyTools } from './distant-key.ts';
import type { EntryKey, KeyDescription } from './entry-key.ts';
import { type DistantPlace, type KeyPlace, placeOfKey, type VendorKeys } from './resolve-api-key.ts';

export interface ApiKeys {
  /** The same for an entry that says the same. One that is not in force any more keeps its own, for the calls that began under it. */
  of(entry: ProviderEntry): EntryKey;
  /** There is no entry of this id any more. */
  forget(id: string): void;
  /** What could not be asked is asked again by the next call. */
  askAgain(): void;
}

export interface ApiKeysOptions extends DistantKeyTools {
  readonly secrets: SecretSource;
  vendorKeys(entry: ProviderEntry): VendorKeys | undefined;
}

export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  /** By id, as of the entry that was asked about last. */
  const known = new Map<string, { readonly concern: unknown; readonly key: EntryKey }>();
  const ofEntries = new WeakMap<ProviderEntry, EntryKey>();

  function make(entry: ProviderEntry): EntryKey {
    const place = () => placeOfKey(entry, options.vendorKeys(entry), options.secrets);
    const distant = distantPlace(place);
    if (distant !== undefined) return createDistantKey(entry, distant, options);
    return { now: () => keyAt(place()), describe: async () => describe(place) };
  }

  function find(entry: ProviderEntry): EntryKey {
    const concern = [entry.kind, entry.baseUrl, entry.module, entry.apiKey, entry.headers];
    const found = known.get(entry.id);
    if (found !== undefined && isDeepStrictEqual(found.concern, concern)) return found.key;
    found?.key.distant?.dispose();
    const key = make(entry);
    known.set(entry.id, { concern, key });
    return key;
  }

  return {
    of(entry) {
      const key = ofEntries.get(entry) ?? find(entry);
      ofEntries.set(entry, key);
      return key;
    },
    forget(id) {
      known.get(id)?.key.distant?.dispose();
      known.delete(id);
    },
    askAgain() {
      for (const { key } of known.values()) key.distant?.askAgain();
    },
  };
}

/** The environment and the settings do not change under an entry: what is at hand once always is. */
function distantPlace(place: () => KeyPlace): DistantPlace | undefined {
  try {
    const found = place();
    return 'distant' in found ? found : undefined;
  } catch {
    // Said to whoever wants the key.
    return undefined;
  }
}

function keyAt(place: KeyPlace) {
  return 'key' in place ? place.key : undefined;
}

function describe(find: () => KeyPlace): KeyDescription {
  try {
    const place = find();
    if ('key' in place) return { source: place.source };
    return { missing: 'missing' in place ? place.missing : '' };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}
