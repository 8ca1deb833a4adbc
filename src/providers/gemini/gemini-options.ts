/** What one provider entry means to Gemini's API: its address, its model, its headers. Apart because requests, errors and the provider go by it. */
import { AiError } from '../../domain/ai-error.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
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

const keyHeader = 'x-goog-api-key';

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function geminiOptions(entry: ProviderEntry): GeminiOptions {
  const { id, baseUrl, model } = entry;
  if (baseUrl === undefined) throw missing(id, 'baseUrl', 'the address of the API with its version');
  if (model === undefined) throw missing(id, 'model', 'the name of a Gemini model');
  return { entry, baseUrl: baseUrl.replace(/\/+$/, ''), model, facts: modelFacts(model) };
}

/** The headers of a call; the key is in one of them, never in the address. Throws `AiError` of kind `notConfigured` without a key. */
export function geminiHeaders(options: GeminiOptions, apiKey: GeminiDependencies['apiKey']): Record<string, string> {
  const absent = keyMissing(options, apiKey);
  if (absent !== undefined) throw absent;
  const key = apiKey();
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'inkling-language-server',
    ...(key === undefined ? {} : { [keyHeader]: key.reveal() }),
    ...ownHeaders(options.entry),
  };
}

/** Why no call can be made with the key as it is now; `undefined` when one can. */
export function keyMissing(options: GeminiOptions, apiKey: GeminiDependencies['apiKey']): AiError | undefined {
  const { entry } = options;
  const own = ownHeaders(entry);
  try {
    if (apiKey() !== undefined || keyHeader in own || 'authorization' in own) return undefined;
  } catch (error) {
    if (error instanceof AiError) return error;
    throw error;
  }
  const advice = `Set ${keyPlace(options)} where the editor is started.`;
  return new AiError('notConfigured', entry.id, `${entry.id} has no key. ${advice}`);
}

/** Where the key is to be looked at, for advice. */
export function keyPlace({ entry }: GeminiOptions): string {
  if (typeof entry.apiKey === 'object') return entry.apiKey.env;
  return typeof entry.apiKey === 'string' ? `providers.${entry.id}.apiKey` : 'GEMINI_API_KEY';
}

function ownHeaders(entry: ProviderEntry): Record<string, string> {
  return Object.fromEntries(Object.entries(entry.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

function missing(id: string, field: string, meaning: string): AiError {
  return new AiError('notConfigured', id, `providers.${id}.${field} is not set: ${meaning}.`);
}
