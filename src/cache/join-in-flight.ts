/** A provider whose identical calls become one while it is under way: one request goes out, everybody gets its answer. */
import type { StreamingProvider } from '../domain/ai-provider.ts';
import type { ChatResponse, ChatResponseChunk } from '../domain/chat.ts';
import type { CompletionChunk, CompletionResponse } from '../domain/completion.ts';
import { createCallController } from '../util/call-signal.ts';
import type { AnswerKeys } from './key.ts';
import { createSharedStream, type SharedStream } from './shared-stream.ts';

/** The calls under way. A caller that cancels leaves the others alone; the last one to cancel closes the connection. */
export interface Joiner {
  join(provider: StreamingProvider, keys: AnswerKeys): StreamingProvider;
}

/** `onJoin` is called for each call that found another one to join. */
export function createJoiner(onJoin: () => void): Joiner {
  const completions = createCalls<CompletionResponse>(onJoin);
  const chats = createCalls<ChatResponse>(onJoin);
  const completionStreams = createStreams<CompletionChunk>(onJoin);
  const chatStreams = createStreams<ChatResponseChunk>(onJoin);

  return {
    join(inner, keys) {
      if (inner.local) return inner;
      return {
        ...inner,
        completeCode: (request, signal) =>
          completions(keys.completion(request), signal, (own) => inner.completeCode(request, own)),
        chat: (request, signal) => chats(keys.chat(request), signal, (own) => inner.chat(request, own)),
        streamCode: (request, signal) =>
          completionStreams(keys.completion(request), signal, (own) => inner.streamCode(request, own)),
        streamChat: (request, signal) =>
          chatStreams(keys.chat(request), signal, (own) => inner.streamChat(request, own)),
      };
    },
  };
}

interface Call<Answer> {
  readonly answer: Promise<Answer>;
  readonly controller: AbortController;
  waiting: number;
}

function createCalls<Answer>(onJoin: () => void) {
  const calls = new Map<string, Call<Answer>>();

  function begin(key: string, run: (signal: AbortSignal) => Promise<Answer>): Call<Answer> {
    const controller = createCallController();
    const call: Call<Answer> = { answer: run(controller.signal), controller, waiting: 0 };
    const forget = () => forgetCall(key, call);
    call.answer.then(forget, forget);
    calls.set(key, call);
    return call;
  }

  function forgetCall(key: string, call: Call<Answer>): void {
    if (calls.get(key) === call) calls.delete(key);
  }

  function wait(key: string, call: Call<Answer>, signal: AbortSignal): Promise<Answer> {
    call.waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        call.waiting -= 1;
        if (call.waiting === 0) {
          forgetCall(key, call);
          call.controller.abort(signal.reason);
        }
        reject(signal.reason);
      };
      const stop = () => signal.removeEventListener('abort', leave);
      signal.addEventListener('abort', leave, { once: true });
      call.answer.then(resolve, reject);
      call.answer.then(stop, stop);
    });
  }

  return async (
    key: string | undefined,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> => {
    signal.throwIfAborted();
    if (key === undefined) return run(signal);
    const known = calls.get(key);
    if (known !== undefined) onJoin();
    return wait(key, known ?? begin(key, run), signal);
  };
}

function createStreams<Part extends { readonly delta: string }>(onJoin: () => void) {
  const streams = new Map<string, SharedStream<Part>>();

  function begin(key: string, open: (signal: AbortSignal) => AsyncIterable<Part>): SharedStream<Part> {
    const stream = createSharedStream(open, () => {
      if (streams.get(key) === stream) streams.delete(key);
    });
    streams.set(key, stream);
    return stream;
  }

  return async function* (
    key: string | undefined,
    signal: AbortSignal,
    open: (signal: AbortSignal) => AsyncIterable<Part>,
  ): AsyncIterable<Part> {
    signal.throwIfAborted();
    if (key === undefined) {
      yield* open(signal);
      return;
    }
    const known = streams.get(key);
    const joinable = known?.isJoinable === true ? known : undefined;
    if (joinable !== undefined) onJoin();
    yield* (joinable ?? begin(key, open)).read(signal);
  };
}
