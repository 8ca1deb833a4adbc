/** A provider that says again what it said before: an identical question within the cache's time is not asked twice. */
import type { StreamingProvider } from '../domain/ai-provider.ts';
import { chatResponse } from '../domain/chat.ts';
import { type CompletionCandidate, completionResponse, type FinishReason } from '../domain/completion.ts';
import type { CachedAnswer } from './cached-answer.ts';
import type { AnswerKeys } from './key.ts';
import type { AiResponseCache } from './response-cache.ts';

/** An answer that is longer is not kept (UTF-16 code units): no question is asked twice for it. */
const LONGEST_KEPT = 131_072;

const FROM_CACHE = 'The same was asked before: answered from the cache.';

/** What the cache looks at in the end of an answer. */
interface Ending {
  readonly model: string;
  readonly provider?: string;
}

interface Part {
  readonly delta: string;
  /** Another provider begins from the start. */
  readonly begins?: object;
  readonly finish?: Ending & { readonly reason: FinishReason };
}

/**
 * Kept is what the provider itself said to its natural end: no failure, nothing cut off, filtered, cancelled or empty,
 * nothing a fallback said in its place, and no stream its reader left before the end, which is what becomes of most
 * suggestions; those are in the memory of suggestions. A provider in this process is asked each time.
 */
export function withCache(inner: StreamingProvider, keys: AnswerKeys, cache: AiResponseCache): StreamingProvider {
  if (inner.local) return inner;

  async function find(key: string | undefined, signal: AbortSignal): Promise<CachedAnswer | undefined> {
    if (key === undefined) return undefined;
    const answer = await cache.get(key);
    signal.throwIfAborted();
    return answer;
  }

  function keep(
    key: string | undefined,
    texts: readonly CompletionCandidate[],
    { reason, model, provider = inner.name }: Ending & { readonly reason: FinishReason },
    signal: AbortSignal,
  ): void {
    if (key === undefined || signal.aborted || reason !== 'stop' || provider !== inner.name) return;
    const length = texts.reduce((sum, { text }) => sum + text.length, 0);
    if (length <= LONGEST_KEPT && texts.some(({ text }) => text.trim() !== ''))
      cache.set(key, { texts, model, provider });
  }

  async function* collect<Chunk extends Part>(
    key: string | undefined,
    stream: AsyncIterable<Chunk>,
    signal: AbortSignal,
  ): AsyncIterable<Chunk> {
    let text: string | undefined = '';
    for await (const chunk of stream) {
      text = grown(chunk.begins === undefined ? text : '', chunk.delta);
      // Before it is passed on: whoever got the last part does not come back for more.
      if (chunk.finish !== undefined && text !== undefined) keep(key, [{ text }], chunk.finish, signal);
      yield chunk;
    }
  }

  return {
    ...inner,
    async completeCode(request, signal) {
      const key = keys.completion(request);
      const hit = await find(key, signal);
      if (hit !== undefined) {
        const { texts: candidates, model, provider } = hit;
        return completionResponse({ candidates, model, provider, note: FROM_CACHE, cached: true });
      }
      const response = await inner.completeCode(request, signal);
      keep(key, response.candidates, { ...response, reason: response.finishReason }, signal);
      return response;
    },
    async chat(request, signal) {
      const key = keys.chat(request);
      const hit = await find(key, signal);
      if (hit !== undefined) {
        const { model, provider } = hit;
        return chatResponse(textOf(hit), { model, provider, cached: true });
      }
      const response = await inner.chat(request, signal);
      keep(key, [{ text: response.message.content }], { ...response, reason: response.finishReason }, signal);
      return response;
    },
    async *streamChat(request, signal) {
      const key = keys.chat(request);
      const hit = await find(key, signal);
      if (hit === undefined) {
        yield* collect(key, inner.streamChat(request, signal), signal);
        return;
      }
      const { model, provider } = hit;
      yield { delta: textOf(hit), finish: { reason: 'stop', model, provider, cached: true } };
    },
    async *streamCode(request, signal) {
      const key = keys.completion(request);
      const hit = await find(key, signal);
      if (hit === undefined) {
        yield* collect(key, inner.streamCode(request, signal), signal);
        return;
      }
      const { model, provider } = hit;
      const finish = { reason: 'stop', model, provider, note: FROM_CACHE, cached: true } as const;
      yield { delta: textOf(hit), begins: { provider, model }, finish };
    },
  };
}

/** `undefined` for what has grown too long to keep. */
function grown(text: string | undefined, delta: string): string | undefined {
  if (text === undefined || text.length + delta.length > LONGEST_KEPT) return undefined;
  return text + delta;
}

function textOf({ texts }: CachedAnswer): string {
  return texts[0]?.text ?? '';
}
