/** The providers `openai` and `openai-compatible`: one wire, two dialects. */
import type { StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import type { Dialect, OpenAiDependencies } from '../openai-wire/wire-options.ts';
import { createProviderOf } from '../openai-wire/wire-provider.ts';

const openAi: Dialect = {
  keyRequired: true,
  keyVariable: 'OPENAI_API_KEY',
  tokenLimit: 'max_completion_tokens',
  chatFields: { store: false },
  streamOptions: { include_usage: true, include_obfuscation: false },
  // Its last model that filled in the middle was shut down on 2026-09-28.
  rawCompletions: false,
  countsTokens: true,
  embeddingModel: 'text-embedding-3-small',
};

const openAiCompatible: Dialect = {
  keyRequired: false,
  tokenLimit: 'max_tokens',
  chatFields: {},
  streamOptions: { include_usage: true },
  rawCompletions: true,
  countsTokens: false,
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
