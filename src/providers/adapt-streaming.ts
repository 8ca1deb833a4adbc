/**
 * Makes a streaming provider of one that answers in one piece, and the reverse, so that every provider offers one
 * interface. Apart because vendors, users' own modules and tests all need it.
 */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider, StreamingProvider } from '../domain/ai-provider.ts';
import { type ChatRequest, type ChatResponse, type ChatResponseChunk, chatResponse } from '../domain/chat.ts';
import {
  type CompletionChunk,
  type CompletionRequest,
  type CompletionResponse,
  completionResponse,
} from '../domain/completion.ts';

/** The error of a stream that ended without its terminal marker: what came so far only looks whole. */
export function endedEarly(provider: string): AiError {
  return new AiError('network', provider, `The answer of ${provider} ended early.`);
}

/** Reads a chat to its end. Rejects with `AiError` of kind `network` when it ends without `finish`. */
export async function collectChat(stream: AsyncIterable<ChatResponseChunk>, provider: string): Promise<ChatResponse> {
  const { text, finish } = await collect(stream, provider);
  const { reason: finishReason, ...rest } = finish;
  return chatResponse(text, { ...rest, finishReason });
}

/** Reads a completion to its end; no text is no candidate. Rejects like `collectChat`. */
export async function collectCode(
  stream: AsyncIterable<CompletionChunk>,
  provider: string,
): Promise<CompletionResponse> {
  const { text, finish } = await collect(stream, provider);
  const { reason: finishReason, ...rest } = finish;
  return completionResponse({ ...rest, finishReason, candidates: text === '' ? [] : [{ text }] });
}

/** Streams an answer that comes in one piece: its text, then its end. Asks when the first part is wanted. */
export async function* streamChatFromUnary(ask: () => Promise<ChatResponse>): AsyncGenerator<ChatResponseChunk> {
  const { message, finishReason: reason, ...rest } = await ask();
  yield* inTwo(message.content, { ...rest, reason });
}

/** Streams the first candidate of a completion that comes in one piece. */
export async function* streamCodeFromUnary(ask: () => Promise<CompletionResponse>): AsyncGenerator<CompletionChunk> {
  const { candidates, finishReason: reason, ...rest } = await ask();
  yield* inTwo(candidates[0]?.text ?? '', { ...rest, reason });
}

/** A provider as somebody may write it: of each call at least one form. */
export type PartialProvider = Omit<AiProvider, 'chat' | 'streamChat' | 'completeCode' | 'streamCode'> &
  (Pick<AiProvider, 'chat'> | Pick<AiProvider, 'streamChat'>) &
  (Pick<AiProvider, 'completeCode'> | Pick<StreamingProvider, 'streamCode'>) &
  Partial<Pick<StreamingProvider, 'chat' | 'streamChat' | 'completeCode' | 'streamCode'>>;

/** The provider with every form of both calls; a form it has is its own. */
export function withBothForms(provider: PartialProvider): StreamingProvider {
  const chat = (request: ChatRequest, signal: AbortSignal): Promise<ChatResponse> =>
    provider.chat?.(request, signal) ?? collectChat(given(provider.streamChat?.(request, signal)), provider.name);
  const completeCode = (request: CompletionRequest, signal: AbortSignal): Promise<CompletionResponse> =>
    provider.completeCode?.(request, signal) ??
    collectCode(given(provider.streamCode?.(request, signal)), provider.name);
  const { embed, countTokens, listModels, checkHealth, lastHealth, allowances, initialize, dispose } = provider;
  return {
    apiVersion: provider.apiVersion,
    name: provider.name,
    model: provider.model,
    local: provider.local,
    capabilities: provider.capabilities,
    chat,
    completeCode,
    streamChat: (request, signal) =>
      provider.streamChat?.(request, signal) ?? streamChatFromUnary(() => chat(request, signal)),
    streamCode: (request, signal) =>
      provider.streamCode?.(request, signal) ?? streamCodeFromUnary(() => completeCode(request, signal)),
    // Bound, because a provider may be an object of a class; absent ones stay absent.
    ...(embed && { embed: embed.bind(provider) }),
    ...(countTokens && { countTokens: countTokens.bind(provider) }),
    ...(listModels && { listModels: listModels.bind(provider) }),
    ...(checkHealth && { checkHealth: checkHealth.bind(provider) }),
    ...(lastHealth && { lastHealth: lastHealth.bind(provider) }),
    ...(allowances && { allowances: allowances.bind(provider) }),
    ...(initialize && { initialize: initialize.bind(provider) }),
    ...(dispose && { dispose: dispose.bind(provider) }),
  };
}

/** A provider whose completions can be read while they are written; one that cannot do so gives its first in one piece. */
export function withStreamCode(provider: AiProvider): StreamingProvider {
  return withBothForms(provider);
}

interface Chunk<Finish> {
  readonly delta: string;
  readonly finish?: Finish;
}

async function collect<Finish>(
  stream: AsyncIterable<Chunk<Finish>>,
  provider: string,
): Promise<{ text: string; finish: Finish }> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk.delta;
    if (chunk.finish !== undefined) return { text, finish: chunk.finish };
  }
  throw endedEarly(provider);
}

function* inTwo<Finish>(text: string, finish: Finish): Generator<Chunk<Finish>> {
  if (text !== '') yield { delta: text };
  yield { delta: '', finish };
}

/** The type says that one form is there; this says it to the compiler. */
function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('A provider needs the unary or the streaming form of every call.');
  return value;
}
