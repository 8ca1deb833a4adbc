/** What one provider entry means on OpenAI's wire. Apart because requests, errors and the provider all go by it. */
import { AiError } from '../../domain/ai-error.ts';
import type { FimForm, ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import type { HttpTransport } from '../http/transport.ts';
import type { ModelFacts } from '../models.ts';
import type { Dialect } from './dialect.ts';
import { createModelKnowledge, type ModelKnowledge } from './model-knowledge.ts';

export type OpenAiDependencies = ProviderDependencies & { readonly transport: HttpTransport };

export interface WireOptions {
  readonly dialect: Dialect;
  readonly entry: ProviderEntry;
  readonly baseUrl: string;
  readonly model: string;
  readonly models: ModelKnowledge;
  /** What is known of the entry's model by now. */
  readonly facts: ModelFacts;
  /** How its completions are asked for, as far as is known by now. */
  readonly fim: FimForm;
}

/** Throws `AiError` of kind `notConfigured` when the entry lacks what no server can do without. */
export function wireOptions(dialect: Dialect, entry: ProviderEntry): WireOptions {
  const { id, baseUrl, model } = entry;
  if (baseUrl === undefined)
    throw missing(id, 'baseUrl', 'the address of the server, for example http://127.0.0.1:8000/v1');
  if (model === undefined) throw missing(id, 'model', 'the name of a model the server has');
  const models = createModelKnowledge();
  return {
    dialect,
    entry,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    model,
    models,
    get facts() {
      return models.factsOf(model);
    },
    get fim() {
      return fimForm(dialect, entry.fim ?? models.factsOf(model).fim);
    },
  };
}

function fimForm({ rawEndpoint }: Dialect, wanted: FimForm): FimForm {
  if (rawEndpoint === undefined || wanted === 'none') return 'none';
  return rawEndpoint.rendersTokens ? 'suffix' : wanted;
}

/** The headers of a call. Throws `AiError` of kind `notConfigured` when a key is needed and there is none. */
export function wireHeaders(options: WireOptions, apiKey: OpenAiDependencies['apiKey']): Record<string, string> {
  const { entry } = options;
  const missing = keyMissing(options, apiKey);
  if (missing !== undefined) throw missing;
  const key = apiKey();
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'inkling-language-server',
    ...(key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` }),
    ...(entry.organization === undefined ? {} : { 'openai-organization': entry.organization }),
    ...(entry.project === undefined ? {} : { 'openai-project': entry.project }),
    ...ownHeaders(entry),
  };
}

/** Why no call can be made with the key as it is now; `undefined` when one can. */
export function keyMissing(options: WireOptions, apiKey: OpenAiDependencies['apiKey']): AiError | undefined {
  const { dialect, entry } = options;
  try {
    if (apiKey() !== undefined || !dialect.keyRequired || 'authorization' in ownHeaders(entry)) return undefined;
  } catch (error) {
    if (error instanceof AiError) return error;
    throw error;
  }
  const advice = `Set ${keyPlace(options)} where the editor is started.`;
  return new AiError('notConfigured', entry.id, `${entry.id} has no key. ${advice}`);
}

function ownHeaders(entry: ProviderEntry): Record<string, string> {
  return Object.fromEntries(Object.entries(entry.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Where the key is to be looked at, for advice. */
export function keyPlace({ dialect, entry }: WireOptions): string {
  if (typeof entry.apiKey === 'object') return entry.apiKey.env;
  if (typeof entry.apiKey === 'string') return `providers.${entry.id}.apiKey`;
  return dialect.keyVariable ?? `providers.${entry.id}.apiKey`;
}

function missing(id: string, field: string, meaning: string): AiError {
  return new AiError('notConfigured', id, `providers.${id}.${field} is not set: ${meaning}.`);
}
