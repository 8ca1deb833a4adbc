/** What one provider entry means on OpenAI's wire. Apart because requests, errors and the provider all go by it. */
import type { FimForm, ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { bearer, callHeaders, type KeyRule, neededSetting, usableKey } from '../http/call-headers.ts';
import type { HttpTransport } from '../http/transport.ts';
import { createModelKnowledge, type ModelKnowledge } from '../model-knowledge.ts';
import type { ModelFacts } from '../models.ts';
import type { Dialect } from './dialect.ts';

export type OpenAiDependencies = ProviderDependencies & { readonly transport: HttpTransport };

export interface WireOptions {
  readonly dialect: Dialect;
  readonly entry: ProviderEntry;
  readonly keyRule: KeyRule;
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
  const baseUrl = neededSetting(entry, 'baseUrl', 'the address of the server, for example http://127.0.0.1:8000/v1');
  const model = neededSetting(entry, 'model', 'the name of a model the server has');
  const models = createModelKnowledge('openai');
  return {
    dialect,
    entry,
    keyRule: keyRuleOf(dialect),
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

function keyRuleOf({ keyRequired, keyVariable }: Dialect): KeyRule {
  return {
    required: keyRequired,
    headers: ['authorization'],
    ...(keyVariable === undefined ? {} : { variable: keyVariable }),
  };
}

function fimForm({ rawEndpoint }: Dialect, wanted: FimForm): FimForm {
  if (rawEndpoint === undefined || wanted === 'none') return 'none';
  return rawEndpoint.rendersTokens ? 'suffix' : wanted;
}

/** The headers of a call. Throws `AiError` of kind `notConfigured` when a key is needed and there is none. */
export function wireHeaders(
  { entry, keyRule }: WireOptions,
  apiKey: OpenAiDependencies['apiKey'],
): Readonly<Record<string, string>> {
  return callHeaders(entry, {
    ...bearer(usableKey(entry, apiKey, keyRule)),
    ...(entry.organization === undefined ? {} : { 'openai-organization': entry.organization }),
    ...(entry.project === undefined ? {} : { 'openai-project': entry.project }),
  });
}
