/** A provider of OpenAI's wire: what a server can do follows from its dialect, its entry and its model. */
import { AiError } from '../../domain/ai-error.ts';
import {
  type AiCapabilities,
  aiProviderApiVersion,
  type EmbedResponse,
  type ProviderHealth,
  type StreamingProvider,
} from '../../domain/ai-provider.ts';
import type { ChatRequest, ChatResponseChunk } from '../../domain/chat.ts';
import { chatResponse } from '../../domain/chat.ts';
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { collectCode } from '../adapt-streaming.ts';
import { keyMissing } from '../http/call-headers.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
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
  const need = (capability: keyof typeof words) => {
    if (!capabilities[capability])
      throw new AiError('unsupported', entry.id, `${entry.id} does not offer ${words[capability]}.`);
  };

  async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatResponseChunk> {
    need('chat');
    for await (const chunk of wire.streamChat(chatBody(request, options), signal)) yield chatChunk(chunk);
  }
  const code = createStreamCode(options, wire, () =>
    dependencies.log.info('The server has no raw completions; its model is asked to fill a hole instead.', {
      provider: entry.id,
    }),
  );
  async function* streamCode(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionChunk> {
    need('codeCompletion');
    yield* code(request, signal);
  }

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

  return {
    apiVersion: aiProviderApiVersion,
    name: entry.id,
    capabilities,
    model,
    local: false,
    streamChat,
    streamCode,
    completeCode: (request, signal) => collectCode(streamCode(request, signal), entry.id),
    async chat(request, signal) {
      need('chat');
      const { delta, finish } = chatChunk(await wire.chat(chatBody(request, options), signal));
      const { reason: finishReason = 'stop', ...rest } = finish ?? { model };
      return chatResponse(delta, { ...rest, finishReason });
    },
    async embed(request, signal): Promise<EmbedResponse> {
      need('embeddings');
      const embeddings = dialect.embeddings ?? { fields: {} };
      const wanted = { ...request, model: request.model ?? embeddings.model ?? model };
      const { vectors, model: used, inputTokens } = await wire.embed(embeddings, wanted, signal);
      const usage = inputTokens === undefined ? {} : { usage: { inputTokens, outputTokens: 0 } };
      return { vectors, model: used, dimensions: vectors[0]?.length ?? 0, ...usage };
    },
    async countTokens(text, signal) {
      need('tokenCounting');
      const counted = await countTokens(text, signal);
      if (counted !== undefined) return { tokens: counted, exact: true };
      return { tokens: Math.ceil(Buffer.byteLength(text) / options.facts.bytesPerToken), exact: false };
    },
    listModels: (signal) => wire.listModels(signal),
    async checkHealth(signal) {
      try {
        const models = await wire.listModels(signal);
        return models.some(({ id }) => id === model) ? wire.health.current() : unlisted(entry.id, model);
      } catch (error) {
        if (!(error instanceof AiError) || error.kind === 'cancelled') throw error;
        // A server without a list of models is there all the same.
        return error.kind === 'notFound' ? { state: 'ready' } : wire.health.current();
      }
    },
    lastHealth() {
      const missing = keyMissing(entry, dependencies.apiKey, options.keyRule);
      return missing === undefined ? wire.health.current() : { state: 'unconfigured', message: missing.message };
    },
    async initialize(signal) {
      if (keyMissing(entry, dependencies.apiKey, options.keyRule) !== undefined) return;
      await wire.warmUp();
      if (dialect.describe !== undefined && options.facts.contextWindow === null) await wire.learnModel(signal);
    },
  };
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

const words = {
  chat: 'chat',
  codeCompletion: 'code completion',
  embeddings: 'embeddings',
  tokenCounting: 'token counts',
} as const;

function chatChunk({ text, refusal = '', finish }: AnswerChunk): ChatResponseChunk {
  return { delta: text + refusal, ...(finish === undefined ? {} : { finish }) };
}

function unlisted(id: string, model: string): ProviderHealth {
  return { state: 'degraded', message: `${id} does not list the model ${model}.` };
}
