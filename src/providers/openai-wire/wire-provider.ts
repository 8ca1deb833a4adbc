/** A provider of OpenAI's wire: what a server can do follows from its dialect, its entry and its model. */
import { AiError } from '../../domain/ai-error.ts';
import type { AiCapabilities, StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { keyMissing } from '../http/call-headers.ts';
import { estimatedTokens } from '../models.ts';
import { createVendorProvider } from '../vendor-provider.ts';
import { createStreamCode } from './complete-code.ts';
import { chatBody } from './convert-request.ts';
import type { Dialect } from './dialect.ts';
import { createOpenAiWire } from './wire.ts';
import { type OpenAiDependencies, type WireOptions, wireOptions } from './wire-options.ts';

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function createProviderOf(
  dialect: Dialect,
  entry: ProviderEntry,
  dependencies: OpenAiDependencies,
): StreamingProvider {
  const options = wireOptions(dialect, entry);
  const { model } = options;
  const wire = createOpenAiWire(options, dependencies);
  const capabilities = capabilitiesOf(options);
  const code = createStreamCode(options, wire, () =>
    dependencies.log.info('The server has no raw completions; its model is asked to fill a hole instead.', {
      provider: entry.id,
    }),
  );

  /** `undefined` where the server does not count, or not so much. */
  async function countTokens(text: string, signal: AbortSignal): Promise<number | undefined> {
    const { tokenCount } = dialect;
    if (tokenCount === undefined || Buffer.byteLength(text) > (tokenCount.longest ?? Number.POSITIVE_INFINITY)) {
      return undefined;
    }
    try {
      return await wire.countTokens(tokenCount, text, signal);
    } catch (error) {
      if (error instanceof AiError && error.kind === 'notFound') return undefined;
      throw error;
    }
  }

  return createVendorProvider({
    entry,
    model,
    capabilities,
    health: wire.health,
    streamCode: code,
    streamChat: (request, signal) => wire.streamChat(chatBody(request, options), signal),
    chat: (request, signal) => wire.chat(chatBody(request, options), signal),
    embed(request, signal) {
      const embeddings = dialect.embeddings ?? { fields: {} };
      const wanted = { ...request, model: request.model ?? embeddings.model ?? model };
      return wire.embed(embeddings, wanted, signal);
    },
    async countTokens(text, signal) {
      const counted = await countTokens(text, signal);
      return counted === undefined ? estimatedTokens(text, options.facts) : { tokens: counted, exact: true };
    },
    listModels: (signal) => wire.listModels(signal),
    async lookForModel(signal) {
      const models = await wire.listModels(signal);
      if (models.some(({ id }) => id === model)) return undefined;
      return { state: 'degraded', message: `${entry.id} does not list the model ${model}.` };
    },
    // A server without a list of models is there all the same.
    notFound: () => ({ state: 'ready' }),
    keyMissing: () => keyMissing(entry, dependencies.apiKey, options.keyRule),
    async initialize(signal) {
      await wire.warmUp();
      if (dialect.describe !== undefined && options.facts.contextWindow === null) await wire.learnModel(signal);
    },
  });
}

/** What the entry says of its model wins; what the server says of it may come later, which is why it is asked for each time. */
function capabilitiesOf(options: WireOptions): AiCapabilities {
  const { dialect, entry } = options;
  const { fim, contextWindow, ...said } = entry.capabilities ?? {};
  return {
    streaming: true,
    codeCompletion: true,
    chat: true,
    embeddings: dialect.embeddings !== undefined,
    tokenCounting: true,
    ...said,
    get fim() {
      return fim ?? options.fim !== 'none';
    },
    get contextWindow() {
      return contextWindow === undefined ? (entry.contextWindow ?? options.facts.contextWindow) : contextWindow;
    },
  };
}
