/** What one provider entry means on Anthropic's wire. Apart because requests, errors and the provider all go by it. */
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { bearer, callHeaders, type KeyRule, neededSetting, usableKey } from '../http/call-headers.ts';
import { rootAddress } from '../http/root-address.ts';
import type { HttpTransport } from '../http/transport.ts';
import { createModelKnowledge, type ModelKnowledge } from '../model-knowledge.ts';

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
  readonly models: ModelKnowledge;
}

export const keyRule: KeyRule = {
  required: true,
  variable: 'ANTHROPIC_API_KEY',
  headers: ['authorization', 'x-api-key'],
};

/** Throws `AiError` of kind `notConfigured` when the entry lacks what the server cannot do without. */
export function anthropicOptions(entry: ProviderEntry): AnthropicOptions {
  const { anthropicVersion: version = currentVersion } = entry;
  return {
    entry,
    baseUrl: rootAddress(neededSetting(entry, 'baseUrl', 'the address of the server, https://api.anthropic.com')),
    model: neededSetting(entry, 'model', 'the name of a model, for example claude-haiku-5-5'),
    version,
    olderVersion: version < currentVersion,
    models: createModelKnowledge('anthropic'),
  };
}

/** The headers of a call. Throws `AiError` of kind `notConfigured` when there is no key. */
export function anthropicHeaders(
  { entry, olderVersion, version }: AnthropicOptions,
  apiKey: AnthropicDependencies['apiKey'],
): Readonly<Record<string, string>> {
  const key = usableKey(entry, apiKey, keyRule);
  const ownKey = olderVersion && key !== undefined ? { 'x-api-key': key.reveal() } : bearer(key);
  return callHeaders(entry, { 'anthropic-version': version, ...ownKey });
}
