/** The providers `openai` and `openai-compatible`: one wire, two dialects. */
import type { StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { numberMember } from '../http/json.ts';
import type { Dialect } from '../openai-wire/dialect.ts';
import type { OpenAiDependencies } from '../openai-wire/wire-options.ts';
import { createProviderOf } from '../openai-wire/wire-provider.ts';

const openAi: Dialect = {
  keyRequired: true,
  keyVariable: 'OPENAI_API_KEY',
  tokenLimit: 'max_completion_tokens',
  chatFields: { store: false },
  streamOptions: { include_usage: true, include_obfuscation: false },
  // No raw endpoint: its last model that filled in the middle was shut down on 2026-09-28.
  tokenCount: {
    path: '/responses/input_tokens',
    body: (model, input) => ({ model, input }),
    read: (answer) => numberMember(answer, 'input_tokens'),
  },
  embeddings: { model: 'text-embedding-3-small', fields: { encoding_format: 'float' } },
};

const openAiCompatible: Dialect = {
  keyRequired: false,
  tokenLimit: 'max_tokens',
  chatFields: {},
  streamOptions: { include_usage: true },
  rawEndpoint: { path: '/completions', streamOptions: { include_usage: true }, rendersTokens: false },
  embeddings: { fields: { encoding_format: 'float' } },
};

/** OpenAI's own service. Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function createOpenAiProvider(entry: ProviderEntry, dependencies: OpenAiDependencies): StreamingProvider {
  return createProviderOf(openAi, entry, dependencies);
}

/** Any server that speaks the wire: vLLM, LM Studio, a gateway. Throws like `createOpenAiProvider`. */
export function createOpenAiCompatibleProvider(
  entry: ProviderEntry,
  dependencies: OpenAiDependencies,
): StreamingProvider {
  return createProviderOf(openAiCompatible, entry, dependencies);
}
