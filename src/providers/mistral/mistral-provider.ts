/** Mistral: OpenAI's wire with an endpoint of its own that fills in the middle. Not by its SDK, which loses aborts. */
import type { StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import type { Dialect } from '../openai-wire/dialect.ts';
import type { OpenAiDependencies } from '../openai-wire/wire-options.ts';
import { createProviderOf } from '../openai-wire/wire-provider.ts';
import { describeMistralModel } from './describe-model.ts';

/** Fields it does not know are refused with status 422, so nothing is sent that only others understand. */
const mistral: Dialect = {
  keyRequired: true,
  keyVariable: 'MISTRAL_API_KEY',
  tokenLimit: 'max_tokens',
  chatFields: {},
  // No stream options: it counts tokens unasked, in the last chunk.
  rawEndpoint: { path: '/fim/completions', rendersTokens: true },
  embeddings: { model: 'codestral-embed', fields: {} },
  describe: describeMistralModel,
};

/** The address that only completes and chats by Codestral, with a key of its own. */
const codestralHost = 'codestral.mistral.ai';

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function createMistralProvider(entry: ProviderEntry, dependencies: OpenAiDependencies): StreamingProvider {
  const { baseUrl } = entry;
  const isCodestral = baseUrl !== undefined && URL.canParse(baseUrl) && new URL(baseUrl).hostname === codestralHost;
  const { embeddings: _, ...codestral } = { ...mistral, keyVariable: 'CODESTRAL_API_KEY' };
  return createProviderOf(isCodestral ? codestral : mistral, entry, dependencies);
}
