/** Grok: xAI's endpoint, which speaks OpenAI's wire and has neither embeddings nor a way to fill in the middle. */
import type { StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { listMember } from '../http/json.ts';
import type { Dialect } from '../openai-wire/dialect.ts';
import type { OpenAiDependencies } from '../openai-wire/wire-options.ts';
import { createProviderOf } from '../openai-wire/wire-provider.ts';
import { describeGrokModel } from './describe-model.ts';

const grok: Dialect = {
  keyRequired: true,
  keyVariable: 'XAI_API_KEY',
  tokenLimit: 'max_completion_tokens',
  chatFields: {},
  streamOptions: { include_usage: true },
  tokenCount: {
    path: '/tokenize-text',
    // It answers with every token spelled out, about thirty bytes for one of the text.
    longest: 128 * 1024,
    body: (model, text) => ({ model, text }),
    read: (answer) => listMember(answer, 'token_ids').length || undefined,
  },
  describe: describeGrokModel,
};

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function createGrokProvider(entry: ProviderEntry, dependencies: OpenAiDependencies): StreamingProvider {
  return createProviderOf(grok, entry, dependencies);
}
