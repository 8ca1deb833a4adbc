/** Mistral's wire where it differs from OpenAI's: usage in the last chunk, bare errors, and a list of models that says more. */
import type { FakeUsage } from './fake-openai-wire.ts';
import type { FakeResponder } from './fake-provider.ts';
import { errorStatus, json } from './fake-responders.ts';

export interface MistralAnswer {
  /** Characters per delta; default all in one. */
  readonly chunkSize?: number;
  readonly bytesPerWrite?: number;
  readonly usage?: FakeUsage;
  /** Default `stop`. */
  readonly finish?: 'stop' | 'length' | 'model_length' | 'error' | 'content_filter';
  readonly lineEnd?: '\n' | '\r\n';
  /** Sent before each event. */
  readonly noise?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Chat and fill-in-the-middle are answered in the same shape, as a stream or whole as the request asks. */
export function mistralAnswer(text: string, options: MistralAnswer = {}): FakeResponder {
  return async (exchange) => {
    const { finish = 'stop', usage = { inputTokens: 5, outputTokens: 2 } } = options;
    const streams = exchange.request.body['stream'] === true;
    const type = streams ? 'text/event-stream; charset=utf-8' : 'application/json';
    await exchange.head(200, { 'content-type': type, ...options.headers });
    const body = streams ? eventsOf(text, finish, usage, options) : JSON.stringify(wholeAnswer(text, finish, usage));
    const bytes = Buffer.from(body);
    const size = options.bytesPerWrite ?? bytes.length;
    for (let start = 0; start < bytes.length && !exchange.isClosed; start += size) {
      await exchange.write(bytes.subarray(start, start + size));
    }
    await exchange.close();
  };
}

/** One delta as it stands in an event. */
export function mistralChunk(content: unknown): object {
  return chunk({ index: 0, delta: { content }, finish_reason: null });
}

/** The body of every error but 422. `type` and `message` stand wherever there is room for words. */
export function mistralError(
  status: number,
  words: { readonly message?: string; readonly type?: string; readonly code?: string } = {},
  headers: Readonly<Record<string, string>> = {},
): FakeResponder {
  const { message = 'Refused', type = 'invalid_request_error', code = '1500' } = words;
  return errorStatus(status, { object: 'error', message, type, param: null, code, raw_status_code: status }, headers);
}

/** The body of a 422: what is wrong with the request, field by field. */
export function mistralUnprocessable(
  field: string,
  input: unknown = 'x',
  headers: Readonly<Record<string, string>> = {},
): FakeResponder {
  const detail = [{ type: 'extra_forbidden', loc: ['body', field], msg: 'Extra inputs are not permitted', input }];
  return errorStatus(422, { detail }, headers);
}

/** An element of the list of models, which is also what one model is answered with. */
export function mistralModel(
  id: string,
  capabilities: { readonly chat?: boolean; readonly fim?: boolean; readonly reasoning?: boolean } = {},
): object {
  return {
    id,
    object: 'model',
    created: 1,
    owned_by: 'mistralai',
    capabilities: {
      completion_chat: capabilities.chat ?? true,
      completion_fim: capabilities.fim ?? false,
      function_calling: true,
      reasoning: capabilities.reasoning ?? false,
      vision: false,
    },
    name: id,
    max_context_length: 131_072,
    aliases: [],
    deprecation: null,
    type: 'base',
  };
}

export function mistralModels(...models: readonly object[]): FakeResponder {
  return json({ object: 'list', data: models });
}

function eventsOf(text: string, finish: string, usage: FakeUsage, options: MistralAnswer): string {
  const size = options.chunkSize ?? Math.max(1, text.length);
  const parts: string[] = [];
  for (let start = 0; start < text.length; start += size) parts.push(text.slice(start, start + size));
  const events: unknown[] = [
    chunk({ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }),
    ...parts.map(mistralChunk),
    { ...chunk({ index: 0, delta: { content: '' }, finish_reason: finish }), usage: usageOf(usage) },
    '[DONE]',
  ];
  const end = options.lineEnd ?? '\n';
  return events
    .map((data) => `${options.noise ?? ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}${end}${end}`)
    .join('');
}

function wholeAnswer(text: string, finish: string, usage: FakeUsage): object {
  return {
    id: 'cmpl-fake',
    object: 'chat.completion',
    model: 'codestral-2508',
    usage: usageOf(usage),
    created: 1,
    choices: [{ index: 0, message: { content: text, tool_calls: null, role: 'assistant' }, finish_reason: finish }],
  };
}

function chunk(choice: object): object {
  return { id: 'cmpl-fake', object: 'chat.completion.chunk', created: 1, model: 'codestral-2508', choices: [choice] };
}

function usageOf({ inputTokens, outputTokens }: FakeUsage): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}
