/** What every call needs of its entry: an address, headers, a key. Apart because the rules and the advice are the same whoever is called. */
import { AiError } from '../../domain/ai-error.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';

export interface KeyRule {
  /** False for servers that may run without a key. */
  readonly required: boolean;
  /** The variable people put the key into, for advice. */
  readonly variable?: string;
  /** Headers, in lower case, of which one in the settings does instead of a key. */
  readonly headers: readonly string[];
}

/** A setting no call can do without. Throws `AiError` of kind `notConfigured` that says what belongs there. */
export function neededSetting(entry: ProviderEntry, name: 'baseUrl' | 'model', meaning: string): string {
  const value = entry[name];
  if (value !== undefined) return value;
  throw new AiError('notConfigured', entry.id, `providers.${entry.id}.${name} is not set: ${meaning}.`);
}

/** What all wires send, `own` of the wire with its key, and the entry's, which win. */
export function callHeaders(
  entry: ProviderEntry,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'inkling-language-server',
    ...own,
    ...entryHeaders(entry),
  };
}

/** The key as most servers want it; nothing where there is none. */
export function bearer(key: ReturnType<ProviderDependencies['apiKey']>): Readonly<Record<string, string>> {
  return key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
}

/** The key as it is now; `undefined` where none is needed. Throws `AiError` of kind `notConfigured` that says where to put one. */
export function usableKey(
  entry: ProviderEntry,
  apiKey: ProviderDependencies['apiKey'],
  rule: KeyRule,
): ReturnType<ProviderDependencies['apiKey']> {
  const missing = keyMissing(entry, apiKey, rule);
  if (missing !== undefined) throw missing;
  return apiKey();
}

/** Why no call can be made with the key as it is now; `undefined` when one can. */
export function keyMissing(
  entry: ProviderEntry,
  apiKey: ProviderDependencies['apiKey'],
  rule: KeyRule,
): AiError | undefined {
  const own = entryHeaders(entry);
  try {
    if (apiKey() !== undefined || !rule.required || rule.headers.some((name) => name in own)) return undefined;
  } catch (error) {
    if (error instanceof AiError) return error;
    throw error;
  }
  const advice = `Set ${keyPlace(entry, rule.variable)} where the editor is started, or run "inkling keys set ${entry.id}".`;
  return new AiError('notConfigured', entry.id, `${entry.id} has no key. ${advice}`);
}

/** Where the key is to be looked at, for advice: a variable or a setting. */
export function keyPlace({ id, apiKey }: ProviderEntry, variable?: string): string {
  if (typeof apiKey === 'object' && 'env' in apiKey) return apiKey.env;
  return (apiKey === undefined ? variable : undefined) ?? `providers.${id}.apiKey`;
}

function entryHeaders(entry: ProviderEntry): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(entry.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}
