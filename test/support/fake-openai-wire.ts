/** The JSON of the OpenAI wire as a server sends it. Apart from the server so that the shapes can be read at one glance. */

/** Which endpoint's shapes an answer takes. */
export type FakeWire = 'chat' | 'completions';

export interface FakeUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
}

export const fakeModel = 'fake-model-1';

/** `/v1/completions` is the raw text endpoint; chat and `/v1/fim/completions` answer in the chat shape. */
export function wireOf(path: string): FakeWire {
  return /(?<!chat|fim)\/completions(\?|$)/.test(path) ? 'completions' : 'chat';
}

export function deltaEvent(wire: FakeWire, text: string): object {
  return chunk(
    wire,
    wire === 'chat' ? { delta: { content: text }, finish_reason: null } : { text, finish_reason: null },
  );
}

/** The data of the last events: finish reason, usage where given, `[DONE]`. */
export function endEvents(wire: FakeWire, finish: string, usage?: FakeUsage): readonly unknown[] {
  const last = chunk(
    wire,
    wire === 'chat' ? { delta: {}, finish_reason: finish } : { text: '', finish_reason: finish },
  );
  const counted = usage === undefined ? [] : [{ ...envelope(wire), choices: [], usage: usageBody(usage) }];
  return [last, ...counted, '[DONE]'];
}

/** The whole answer to a request that did not ask to stream. */
export function answerBody(wire: FakeWire, text: string, finish: string, usage?: FakeUsage): object {
  const choice =
    wire === 'chat'
      ? {
          index: 0,
          message: { role: 'assistant', content: text, refusal: null },
          finish_reason: finish,
          logprobs: null,
        }
      : { index: 0, text, finish_reason: finish, logprobs: null };
  return {
    ...envelope(wire),
    object: wire === 'chat' ? 'chat.completion' : 'text_completion',
    choices: [choice],
    ...(usage === undefined ? {} : { usage: usageBody(usage) }),
  };
}

function chunk(wire: FakeWire, choice: object): object {
  return { ...envelope(wire), choices: [{ index: 0, ...choice }] };
}

function envelope(wire: FakeWire): object {
  return {
    id: wire === 'chat' ? 'chatcmpl-fake' : 'cmpl-fake',
    object: wire === 'chat' ? 'chat.completion.chunk' : 'text_completion',
    created: 1,
    model: fakeModel,
  };
}

function usageBody(usage: FakeUsage): object {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...(usage.cachedInputTokens === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: usage.cachedInputTokens } }),
  };
}
