/** A provider that does what a test says, call by call, and counts what was closed. */
import type { AiProvider, StreamingProvider } from '../../src/domain/ai-provider.ts';
import { chatResponse } from '../../src/domain/chat.ts';
import { completionResponse } from '../../src/domain/completion.ts';

export interface Script {
  readonly name?: string;
  readonly local?: boolean;
  readonly contextWindow?: number;
  /** The parts of an answer; an error stands for the failure in its place, `hang` for silence until the abort. */
  readonly answer: readonly (string | Error | 'hang')[];
}

export interface ScriptedProvider extends StreamingProvider {
  /** Calls begun, and streams that were left or ended. */
  readonly counts: { begun: number; ended: number };
}

export const hang = 'hang' as const;

export function scriptedProvider({
  name = 'scripted',
  local = false,
  contextWindow,
  answer,
}: Script): ScriptedProvider {
  const counts = { begun: 0, ended: 0 };

  async function* parts(signal: AbortSignal): AsyncIterable<string> {
    counts.begun += 1;
    try {
      for (const part of answer) {
        signal.throwIfAborted();
        if (part instanceof Error) throw part;
        if (part === hang) await aborted(signal);
        else yield part;
      }
    } finally {
      counts.ended += 1;
    }
  }

  async function* stream(signal: AbortSignal) {
    for await (const delta of parts(signal)) yield { delta };
    yield {
      delta: '',
      finish: { reason: 'stop' as const, model: `${name}-1`, usage: { inputTokens: 5, outputTokens: 2 } },
    };
  }

  async function whole(signal: AbortSignal): Promise<string> {
    let text = '';
    for await (const part of parts(signal)) text += part;
    return text;
  }

  return {
    apiVersion: 1,
    name,
    model: `${name}-1`,
    local,
    counts,
    capabilities: { ...capabilities, contextWindow: contextWindow ?? null },
    completeCode: async (_request, signal) =>
      completionResponse({ candidates: [{ text: await whole(signal) }], model: `${name}-1` }),
    streamCode: (_request, signal) => stream(signal),
    chat: async (_request, signal) => chatResponse(await whole(signal), { model: `${name}-1` }),
    streamChat: (_request, signal) => stream(signal),
  };
}

const capabilities: AiProvider['capabilities'] = {
  streaming: true,
  codeCompletion: true,
  fim: true,
  chat: true,
  embeddings: false,
  tokenCounting: false,
  contextWindow: null,
};

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Everything a stream of chat or code gave, as one text. */
export async function textOf(stream: AsyncIterable<{ readonly delta: string }>): Promise<string> {
  let text = '';
  for await (const { delta } of stream) text += delta;
  return text;
}
