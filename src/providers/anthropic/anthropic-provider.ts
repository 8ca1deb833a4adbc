/** The provider `anthropic`: Claude by the Messages API. It has no fill-in-the-middle and no embeddings. */
import type { AiCapabilities, StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { asCompletion } from '../answer-chunks.ts';
import { keyMissing } from '../http/call-headers.ts';
import { fillHole } from '../prompt/fill-hole.ts';
import { createVendorProvider } from '../vendor-provider.ts';
import { chatBody, holeFillerBody } from './convert-request.ts';
import { type AnthropicDependencies, anthropicOptions, keyRule } from './options.ts';
import { createAnthropicWire } from './wire.ts';

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function createAnthropicProvider(entry: ProviderEntry, dependencies: AnthropicDependencies): StreamingProvider {
  const options = anthropicOptions(entry);
  const { model, models } = options;
  const wire = createAnthropicWire(options, dependencies);
  const capabilities: AiCapabilities = {
    streaming: true,
    codeCompletion: true,
    chat: true,
    tokenCounting: true,
    // Better known once the service was asked.
    get contextWindow() {
      return entry.contextWindow ?? models.factsOf(model).contextWindow;
    },
    ...entry.capabilities,
    fim: false,
    embeddings: false,
  };
  return createVendorProvider({
    entry,
    model,
    capabilities,
    health: wire.health,
    streamCode(request, signal) {
      const chunks = asCompletion(wire.stream(holeFillerBody(request, options), signal), ({ filter }) =>
        filter === undefined ? 'hole filler' : `hole filler; ${filter}`,
      );
      return fillHole(request, chunks, model);
    },
    streamChat: (request, signal) => wire.stream(chatBody(request, options), signal),
    chat: (request, signal) => wire.ask(chatBody(request, options), signal),
    embed: 'A provider of kind openai, gemini, mistral or ollama does.',
    // The server refuses a message without text.
    countTokens: async (text, signal) => ({
      tokens: text.trim() === '' ? 0 : await wire.countTokens(text, signal),
      exact: true,
    }),
    listModels: (signal) => wire.listModels(signal),
    async lookForModel(signal) {
      await wire.lookUp(model, signal);
      return undefined;
    },
    notFound: ({ message }) => ({ state: 'degraded', message }),
    keyMissing: () => keyMissing(entry, dependencies.apiKey, keyRule),
    async initialize(signal) {
      await wire.warmUp();
      // A model newer than the table: the service says what it takes.
      if (capabilities.contextWindow === null) await wire.lookUp(model, signal);
    },
  });
}
