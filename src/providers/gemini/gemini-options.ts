/** What one provider entry means to Gemini's API: its address, its model, its headers. Apart because requests, errors and the provider go by it. */
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { callHeaders, type KeyRule, neededSetting, usableKey } from '../http/call-headers.ts';
import type { HttpTransport } from '../http/transport.ts';
import { type ModelFacts, modelFacts } from '../models.ts';

export type GeminiDependencies = ProviderDependencies & { readonly transport: HttpTransport };

export interface GeminiOptions {
  readonly entry: ProviderEntry;
  /** With the version of the API at its end. */
  readonly baseUrl: string;
  readonly model: string;
  readonly facts: ModelFacts;
}

export const keyRule: KeyRule = {
  required: true,
  variable: 'GEMINI_API_KEY',
  headers: ['x-goog-api-key', 'authorization'],
};

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function geminiOptions(entry: ProviderEntry): GeminiOptions {
  const baseUrl = neededSetting(entry, 'baseUrl', 'the address of the API with its version');
  const model = neededSetting(entry, 'model', 'the name of a Gemini model');
  return { entry, baseUrl: baseUrl.replace(/\/+$/, ''), model, facts: modelFacts(model) };
}

/** The headers of a call; the key is in one of them, never in the address. Throws `AiError` of kind `notConfigured` without a key. */
export function geminiHeaders(
  { entry }: GeminiOptions,
  apiKey: GeminiDependencies['apiKey'],
): Readonly<Record<string, string>> {
  const key = usableKey(entry, apiKey, keyRule);
  return callHeaders(entry, key === undefined ? {} : { 'x-goog-api-key': key.reveal() });
}
