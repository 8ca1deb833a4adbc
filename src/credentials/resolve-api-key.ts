/** Finds the key of a provider entry and decides whether it may be sent to where the entry points. */
import { AiError } from '../domain/ai-error.ts';
import type { SecretSource } from '../domain/ports.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { Secret } from '../domain/secret.ts';
import { isLoopback } from '../util/is-loopback.ts';

/** Where a vendor's default environment variables may be sent. */
export interface VendorKeys {
  /** The first that is set counts. */
  readonly variables: readonly string[];
  /** For example `https://api.openai.com`. */
  readonly origin: string;
}

export type ResolvedApiKey =
  | {
      readonly key: Secret;
      /** For people: `environment OPENAI_API_KEY` or `settings`. */
      readonly source: string;
    }
  | {
      /** What to do to have a key. */
      readonly missing: string;
    };

/** Where a key has to be asked for, which takes time and may fail. */
export type DistantPlace =
  | {
      readonly distant: 'stored';
      /** The name under which `inkling keys` stored it. */
      readonly name: string;
      /** What to do where none is stored under the name. */
      readonly missing: string;
      /** Whether the entry cannot do without it. */
      readonly needed: boolean;
    }
  | { readonly distant: 'command'; readonly command: readonly string[] };

export type KeyPlace = ResolvedApiKey | DistantPlace;

/**
 * The key by what the entry says, else by the vendor's environment variables, else the one stored under the entry's id.
 * @throws AiError of kind `notConfigured` where there is a key that must not be sent to the entry's address.
 */
export function placeOfKey(entry: ProviderEntry, vendor: VendorKeys | undefined, secrets: SecretSource): KeyPlace {
  refuseHeadersInTheOpen(entry);
  const { apiKey } = entry;
  const place = apiKey === undefined ? fromVendor(entry, vendor, secrets) : fromEntry(entry, apiKey, secrets);
  if ('key' in place) refuseKeyInTheOpen(entry);
  return place;
}

/** @throws AiError of kind `notConfigured` for an address on the network without TLS. */
export function refuseKeyInTheOpen(entry: ProviderEntry): void {
  if (isInTheOpen(entry.baseUrl)) throw inTheOpen(entry, 'Its key');
}

/** Where a key of the entry would be sent: an origin, or for code of the user's own the place of that code. */
export function destinationOf({ baseUrl, module }: ProviderEntry): string | undefined {
  return originOf(baseUrl) ?? module;
}

function fromEntry(
  entry: ProviderEntry,
  apiKey: NonNullable<ProviderEntry['apiKey']>,
  secrets: SecretSource,
): KeyPlace {
  if (typeof apiKey === 'string') return { key: toSecret(entry, apiKey, 'settings'), source: 'settings' };
  if ('command' in apiKey) return { distant: 'command', command: apiKey.command };
  if ('stored' in apiKey) {
    const missing = `No key is stored as "${apiKey.stored}", which "apiKey" of provider "${entry.id}" names. Run: inkling keys set ${apiKey.stored}`;
    return { distant: 'stored', name: apiKey.stored, missing, needed: true };
  }
  const value = secrets.environment(apiKey.env)?.trim();
  if (value) return fromEnvironment(entry, apiKey.env, value);
  return {
    missing: `The environment variable ${apiKey.env} is not set, which "apiKey" of provider "${entry.id}" names. Set it where the editor is started, and restart the editor.`,
  };
}

/** A variable that belongs elsewhere is only refused where nothing was stored for this address. */
function fromVendor(entry: ProviderEntry, vendor: VendorKeys | undefined, secrets: SecretSource): KeyPlace {
  const variable = vendor?.variables.find((name) => secrets.environment(name)?.trim());
  const value = variable === undefined ? undefined : secrets.environment(variable)?.trim();
  const stored = { distant: 'stored', name: entry.id } as const;
  if (vendor === undefined || variable === undefined || !value) {
    return { ...stored, missing: howToSetKey(entry, vendor), needed: false };
  }
  if (originOf(entry.baseUrl) === vendor.origin) return fromEnvironment(entry, variable, value);
  return { ...stored, missing: foreignOrigin(entry, variable, vendor.origin), needed: true };
}

function fromEnvironment(entry: ProviderEntry, variable: string, value: string): ResolvedApiKey {
  const source = `environment ${variable}`;
  return { key: toSecret(entry, value, source), source };
}

/**
 * A key travels in a header: what is no header text would fail later with the key in the message.
 * @throws AiError of kind `notConfigured` that names the source and not the key.
 */
export function toSecret(entry: ProviderEntry, value: string, source: string): Secret {
  const trimmed = value.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return new Secret(trimmed);
  throw new AiError(
    'notConfigured',
    entry.id,
    `The key of provider "${entry.id}" (from ${source}) holds characters no key has, such as spaces or line breaks. Copy it again.`,
  );
}

function howToSetKey(entry: ProviderEntry, vendor: VendorKeys | undefined): string {
  const [variable] = vendor?.variables ?? [];
  const inSettings = `"apiKey": {"env": "NAME"} in providers.${entry.id} of your user settings`;
  const stored = `run "inkling keys set ${entry.id}"`;
  return variable === undefined
    ? `Provider "${entry.id}" has no key. If its server needs one, ${stored} or put ${inSettings}.`
    : `Provider "${entry.id}" has no key. Set the environment variable ${variable} where the editor is started, ${stored}, or put ${inSettings}.`;
}

function foreignOrigin(entry: ProviderEntry, variable: string, origin: string): string {
  return (
    `Provider "${entry.id}" points to ${originOf(entry.baseUrl) ?? 'no address'}, and ${variable} is sent to ${origin} alone. ` +
    `To send it there all the same, put "apiKey": {"env": "${variable}"} in providers.${entry.id} of your user settings.`
  );
}

function refuseHeadersInTheOpen(entry: ProviderEntry): void {
  const secretHeader = Object.keys(entry.headers ?? {}).find((name) =>
    /authorization|api-?key|token|cookie/i.test(name),
  );
  if (secretHeader !== undefined && isInTheOpen(entry.baseUrl)) throw inTheOpen(entry, `Its header "${secretHeader}"`);
}

function inTheOpen(entry: ProviderEntry, what: string): AiError {
  return new AiError(
    'notConfigured',
    entry.id,
    `Provider "${entry.id}" points to ${originOf(entry.baseUrl)} without TLS. ${what} would cross the network readable for everyone: use an https address, or one of this machine (127.0.0.1).`,
  );
}

function isInTheOpen(address: string | undefined): boolean {
  if (address === undefined || !URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol !== 'https:' && !isLoopback(hostname);
}

function originOf(address: string | undefined): string | undefined {
  return address !== undefined && URL.canParse(address) ? new URL(address).origin : undefined;
}
