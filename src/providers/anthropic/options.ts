/** What one provider entry means on Anthropic's wire. Apart because requests, errors and the provider all go by it. */
import { AiError } from '../../domain/ai-error.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import type { HttpTransport } from '../http/transport.ts';
import { createKnownModels, type KnownModels } from './known-models.ts';

export type AnthropicDependencies = ProviderDependencies & { readonly transport: HttpTransport };

/** The API version the SDK of major version 1 speaks. */
export const currentVersion = '2026-10-21';

export interface AnthropicOptions {
  readonly entry: ProviderEntry;
  /** Without `/v1`, which the SDK adds. */
  readonly baseUrl: string;
  readonly model: string;
  readonly version: string;
  /** True for a version that still takes a temperature, and the key as `x-api-key`. */
  readonly olderVersion: boolean;
  readonly models: KnownModels;
}

/** Throws `AiError` of kind `notConfigured` when the entry lacks what the server cannot do without. */
export function anthropicOptions(entry: ProviderEntry): AnthropicOptions {
  const { id, baseUrl, model, anthropicVersion: version = currentVersion } = entry;
  if (baseUrl === undefined) throw missing(id, 'baseUrl', 'the address of the server, https://api.anthropic.com');
  if (model === undefined) throw missing(id, 'model', 'the name of a model, for example claude-haiku-5-5');
  return {
    entry,
    baseUrl: baseUrl.replace(/\/+$/, '').replace(/\/v1$/, ''),
    model,
    version,
    olderVersion: version < currentVersion,
    models: createKnownModels(),
  };
}

/** The headers of a call. Throws `AiError` of kind `notConfigured` when there is no key. */
export function anthropicHeaders(
  options: AnthropicOptions,
  apiKey: AnthropicDependencies['apiKey'],
): Record<string, string> {
  const missingKey = keyMissing(options, apiKey);
  if (missingKey !== undefined) throw missingKey;
  const key = apiKey()?.reveal();
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'inkling-language-server',
    'anthropic-version': options.version,
    ...(key === undefined ? {} : options.olderVersion ? { 'x-api-key': key } : { authorization: `Bearer ${key}` }),
    ...ownHeaders(options.entry),
  };
}

/** Why no call can be made with the key as it is now; `undefined` when one can. */
export function keyMissing(options: AnthropicOptions, apiKey: AnthropicDependencies['apiKey']): AiError | undefined {
  const { entry } = options;
  try {
    const own = ownHeaders(entry);
    if (apiKey() !== undefined || 'authorization' in own || 'x-api-key' in own) return undefined;
  } catch (error) {
    if (error instanceof AiError) return error;
    throw error;
  }
  const advice = `Set ${keyPlace(entry)} where the editor is started.`;
  return new AiError('notConfigured', entry.id, `${entry.id} has no key. ${advice}`);
}

/** Where the key is to be looked at, for advice. */
export function keyPlace({ id, apiKey }: ProviderEntry): string {
  if (typeof apiKey === 'object') return apiKey.env;
  return typeof apiKey === 'string' ? `providers.${id}.apiKey` : 'ANTHROPIC_API_KEY';
}

function ownHeaders(entry: ProviderEntry): Record<string, string> {
  return Object.fromEntries(Object.entries(entry.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

function missing(id: string, field: string, meaning: string): AiError {
  return new AiError('notConfigured', id, `providers.${id}.${field} is not set: ${meaning}.`);
}
