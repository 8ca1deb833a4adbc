/** The provider `anthropic`: Claude by the Messages API. It has no fill-in-the-middle and no embeddings. */
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
      return entry.contextWindow ?? models.facts(model).contextWindow;
    },
    ...entry.capabilities,
    fim: false,
    embeddings: false,
  };
  const need = (capability: keyof typeof words) => {
    if (!capabilities[capability])
      throw new AiError('unsupported', entry.id, `${entry.id} does not offer ${words[capability]}.`);
  };

  async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatResponseChunk> {
    need('chat');
    let said = '';
    for await (const chunk of wire.stream(chatBody(request, options), signal)) {
      said ||= chunk.text;
      yield chatChunk(chunk, said);
    }
  }
  async function* streamCode(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionChunk> {
    need('codeCompletion');
    yield* fillHole(request, codeChunks(wire.stream(holeFillerBody(request, options), signal)), model);
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
      const chunk = await wire.ask(chatBody(request, options), signal);
      const { delta, finish } = chatChunk(chunk, chunk.text);
      const { reason: finishReason = 'stop', ...rest } = finish ?? { model };
      return chatResponse(delta, { ...rest, finishReason });
    },
    async embed() {
      throw new AiError(
        'unsupported',
        entry.id,
        `${entry.id} offers no embeddings. A provider of kind openai, gemini, mistral or ollama does.`,
      );
    },
    async countTokens(text, signal) {
      need('tokenCounting');
      // The server refuses a message without text.
      return { tokens: text.trim() === '' ? 0 : await wire.countTokens(text, signal), exact: true };
    },
    listModels: (signal) => wire.listModels(signal),
    async checkHealth(signal): Promise<ProviderHealth> {
      try {
        await wire.lookUp(model, signal);
        return wire.health.current();
      } catch (error) {
        if (!(error instanceof AiError) || error.kind === 'cancelled') throw error;
        return error.kind === 'notFound' ? { state: 'degraded', message: error.message } : wire.health.current();
      }
    },
    lastHealth() {
      const missing = keyMissing(entry, dependencies.apiKey, keyRule);
      return missing === undefined ? wire.health.current() : { state: 'unconfigured', message: missing.message };
    },
    async initialize(signal) {
      if (keyMissing(entry, dependencies.apiKey, keyRule) !== undefined) return;
      await wire.warmUp();
      // A model newer than the table: the service says what it takes.
      if (capabilities.contextWindow === null) await wire.lookUp(model, signal);
    },
  };
}

const words = {
  chat: 'chat',
  codeCompletion: 'code completion',
  tokenCounting: 'token counts',
} as const;

/** A refusal is the answer of a chat: its words come after what was said, if anything was. */
function chatChunk({ text, finish, refusal }: AnswerChunk, said: string): ChatResponseChunk {
  const words = refusal === undefined ? '' : `${said === '' ? '' : '\n\n'}${refusal}`;
  return { delta: text + words, ...(finish === undefined ? {} : { finish }) };
}

/** A refusal is no code: of a completion only its text counts, and why there is no more is its note. */
async function* codeChunks(chunks: AsyncIterable<AnswerChunk>): AsyncGenerator<CompletionChunk> {
  for await (const { text, finish, filter } of chunks) {
    const note = filter === undefined ? 'hole filler' : `hole filler; ${filter}`;
    yield { delta: text, ...(finish === undefined ? {} : { finish: { ...finish, note } }) };
  }
}
