/** The provider `gemini`: Google's Gemini API with a key from AI Studio. Its models chat; a completion is a hole they fill. */
import { AiError } from '../../domain/ai-error.ts';
import {
  type AiCapabilities,
  aiProviderApiVersion,
  type ProviderHealth,
  type StreamingProvider,
} from '../../domain/ai-provider.ts';
import { type ChatRequest, type ChatResponseChunk, chatResponse } from '../../domain/chat.ts';
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { collectCode } from '../adapt-streaming.ts';
import { keyMissing } from '../http/call-headers.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { fillHole } from '../prompt/fill-hole.ts';
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
  const need = (capability: keyof typeof words) => {
    if (capabilities[capability]) return;
    throw new AiError('unsupported', entry.id, `${entry.id} does not offer ${words[capability]}.`);
  };

  async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatResponseChunk> {
    need('chat');
    let said = false;
    for await (const chunk of wire.stream(chatBody(request, options), signal)) {
      said ||= chunk.text !== '';
      if (!said) throwIfFiltered(chunk, entry.id);
      yield { delta: chunk.text, ...(chunk.finish === undefined ? {} : { finish: chunk.finish }) };
    }
  }

  async function* streamCode(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionChunk> {
    need('codeCompletion');
    yield* fillHole(request, withNotes(wire.stream(holeFillerBody(request, options), signal)), model);
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
      const chunk = await wire.generate(chatBody(request, options), signal);
      if (chunk.text === '') throwIfFiltered(chunk, entry.id);
      const { reason: finishReason = 'stop', ...rest } = chunk.finish ?? { model };
      return chatResponse(chunk.text, { ...rest, finishReason });
    },
    async embed(request, signal) {
      need('embeddings');
      const wanted = request.model ?? embeddingModel;
      const vectors = await wire.embed(request.input, wanted, signal);
      return { vectors, model: wanted, dimensions: vectors[0]?.length ?? 0 };
    },
    async countTokens(text, signal) {
      need('tokenCounting');
      return { tokens: await wire.countTokens(text, signal), exact: true };
    },
    listModels: (signal) => wire.listModels(signal),
    async checkHealth(signal) {
      try {
        await wire.getModel(signal);
        return wire.health.current();
      } catch (error) {
        if (!(error instanceof AiError) || error.kind === 'cancelled') throw error;
        return error.kind === 'notFound' ? unlisted(entry.id, model) : wire.health.current();
      }
    },
    lastHealth() {
      const missing = keyMissing(entry, dependencies.apiKey, keyRule);
      return missing === undefined ? wire.health.current() : { state: 'unconfigured', message: missing.message };
    },
    async initialize() {
      if (keyMissing(entry, dependencies.apiKey, keyRule) === undefined) await wire.warmUp();
    },
  };
}

const words = {
  chat: 'chat',
  codeCompletion: 'code completion',
  embeddings: 'embeddings',
  tokenCounting: 'token counts',
} as const;

/** With nothing said there is nothing to show but the reason. */
function throwIfFiltered({ filter }: AnswerChunk, provider: string): void {
  if (filter !== undefined) throw new AiError('filtered', provider, `${provider} blocked its answer (${filter}).`);
}

async function* withNotes(chunks: AsyncIterable<AnswerChunk>): AsyncGenerator<CompletionChunk> {
  for await (const { text, finish, filter } of chunks) {
    const note = filter === undefined ? 'hole filler' : `hole filler; ended by a filter, ${filter}`;
    yield { delta: text, ...(finish === undefined ? {} : { finish: { ...finish, note } }) };
  }
}

function unlisted(id: string, model: string): ProviderHealth {
  return { state: 'degraded', message: `${id} knows no model ${model}.` };
}
