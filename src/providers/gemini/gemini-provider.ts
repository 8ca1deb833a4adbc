/** The provider `gemini`: Google's Gemini API with a key from AI Studio. Its models chat; a completion is a hole they fill. */
import { AiError } from '../../domain/ai-error.ts';
import type { AiCapabilities, StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { asCompletion } from '../answer-chunks.ts';
import { keyMissing } from '../http/call-headers.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { fillHole } from '../prompt/fill-hole.ts';
import { createVendorProvider } from '../vendor-provider.ts';
import { chatBody, holeFillerBody } from './convert-request.ts';
import { type GeminiDependencies, geminiOptions, keyRule } from './gemini-options.ts';
import { createGeminiWire } from './wire.ts';

const embeddingModel = 'gemini-embedding-001';

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function createGeminiProvider(entry: ProviderEntry, dependencies: GeminiDependencies): StreamingProvider {
  const options = geminiOptions(entry);
  const { model, facts } = options;
  const wire = createGeminiWire(options, dependencies);
  const capabilities: AiCapabilities = {
    streaming: true,
    codeCompletion: true,
    fim: false,
    chat: true,
    embeddings: true,
    tokenCounting: true,
    contextWindow: entry.contextWindow ?? facts.contextWindow,
    ...entry.capabilities,
  };

  return createVendorProvider({
    entry,
    model,
    capabilities,
    health: wire.health,
    streamCode(request, signal) {
      const chunks = asCompletion(wire.stream(holeFillerBody(request, options), signal), ({ filter }) =>
        filter === undefined ? 'hole filler' : `hole filler; ended by a filter, ${filter}`,
      );
      return fillHole(request, chunks, model);
    },
    streamChat: (request, signal) => notBlocked(wire.stream(chatBody(request, options), signal), entry.id),
    async chat(request, signal) {
      const answer = await wire.generate(chatBody(request, options), signal);
      if (answer.text === '') throwIfFiltered(answer, entry.id);
      return answer;
    },
    async embed({ input, model: asked = embeddingModel }, signal) {
      return { vectors: await wire.embed(input, asked, signal), model: asked };
    },
    countTokens: async (text, signal) => ({ tokens: await wire.countTokens(text, signal), exact: true }),
    listModels: (signal) => wire.listModels(signal),
    async lookForModel(signal) {
      await wire.getModel(signal);
      return undefined;
    },
    notFound: () => ({ state: 'degraded', message: `${entry.id} knows no model ${model}.` }),
    keyMissing: () => keyMissing(entry, dependencies.apiKey, keyRule),
    initialize: () => wire.warmUp(),
  });
}

async function* notBlocked(chunks: AsyncIterable<AnswerChunk>, provider: string): AsyncGenerator<AnswerChunk> {
  let said = false;
  for await (const chunk of chunks) {
    said ||= chunk.text !== '';
    if (!said) throwIfFiltered(chunk, provider);
    yield chunk;
  }
}

/** With nothing said there is nothing to show but the reason. */
function throwIfFiltered({ filter }: AnswerChunk, provider: string): void {
  if (filter !== undefined) throw new AiError('filtered', provider, `${provider} blocked its answer (${filter}).`);
}
