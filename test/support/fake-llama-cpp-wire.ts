/** The wire of llama.cpp's server, as build 11669 sends it: its own events for completions, OpenAI's for chat, and its errors. */
import type { FakeExchange, FakeRequest, FakeResponder } from './fake-provider.ts';
import { errorStatus, json } from './fake-responders.ts';

export const fakeLlamaModel = 'fake-coder-1b.Q4_0.gguf';

export interface LlamaAnswer {
  /** Characters per event; default all in one. */
  readonly chunkSize?: number;
  readonly bytesPerWrite?: number;
  /** Awaited before each part; the index is that of the part. */
  readonly gate?: (index: number) => Promise<void>;
  readonly usage?: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cachedInputTokens?: number;
  };
  /** Default `stop`. */
  readonly finish?: 'stop' | 'length' | undefined;
  readonly lineEnd?: '\n' | '\r\n' | '\r';
  /** Sent before each event. */
  readonly noise?: string;
}

/** Answers `/infill`, `/completion` and `/v1/chat/completions` with this text, each in its shape. */
export function llamaText(text: string, options: LlamaAnswer = {}): FakeResponder {
  return async (exchange) => {
    await head(exchange);
    const size = options.chunkSize ?? Math.max(1, text.length);
    for (let start = 0; start < text.length; start += size) {
      await options.gate?.(start / size);
      await event(exchange, part(exchange.request, text.slice(start, start + size)), options);
    }
    for (const last of lastParts(exchange.request, options)) await event(exchange, last, options);
    await exchange.close();
  };
}

/** One event of an open stream. */
export async function llamaSend(exchange: FakeExchange, text: string): Promise<void> {
  if (!began.has(exchange)) {
    began.add(exchange);
    await head(exchange);
  }
  await event(exchange, part(exchange.request, text));
}

/** A beginning with this text, then these events as they are, then the end of the HTTP message. */
export function llamaEvents(text: string, ...events: readonly string[]): FakeResponder {
  return async (exchange) => {
    await llamaSend(exchange, text);
    for (const each of events) await exchange.write(`data: ${each}\n\n`);
    await exchange.close();
  };
}

const types: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  500: 'server_error',
  501: 'not_supported_error',
  503: 'unavailable_error',
};

/** The body of an error, which is also what an event in the middle of a stream holds. */
export function llamaErrorBody(code: number, message: string, type = types[code] ?? 'server_error'): object {
  return { error: { code, message, type } };
}

export function llamaError(status: number, message: string, headers: Record<string, string> = {}): FakeResponder {
  return errorStatus(status, llamaErrorBody(status, message), headers);
}

export const llamaWithoutInfill: FakeResponder = llamaError(
  501,
  'Infill is not supported by this model: prefix token is missing. suffix token is missing. middle token is missing. ',
);

export const llamaLoading: FakeResponder = llamaError(503, 'Loading model');

/** The answer of `GET /props`. */
export function llamaProperties(slots: number, contextWindow = 4096, model = fakeLlamaModel): FakeResponder {
  return json({
    default_generation_settings: { params: {}, n_ctx: contextWindow },
    total_slots: slots,
    model_alias: `/models/${model}`,
    model_path: `/models/${model}`,
    endpoint_slots: true,
    chat_template: '',
    build_info: 'b11669',
  });
}

/** The answer of `GET /v1/models`. */
export function llamaModels(id: string, contextWindow = 4096): FakeResponder {
  return json({
    object: 'list',
    data: [{ id, object: 'model', owned_by: 'llamacpp', meta: { n_ctx: contextWindow, n_ctx_train: 8192 } }],
  });
}

/** The answer of `POST /embedding` by a server that pools. */
export function llamaEmbeddings(vectors: readonly (readonly number[])[]): FakeResponder {
  return json(vectors.map((vector, index) => ({ index, embedding: [vector] })));
}

/** `GET /health`, by which the program is told from others on its port. */
export const llamaHealth: FakeResponder = json({ status: 'ok' }, { server: 'llama.cpp' });

const began = new WeakSet<FakeExchange>();

function isChat(request: FakeRequest): boolean {
  return request.path === '/v1/chat/completions';
}

function part(request: FakeRequest, text: string): object {
  return isChat(request)
    ? chatChunk({ choices: [{ finish_reason: null, index: 0, delta: { content: text } }] })
    : { index: 0, content: text, tokens: [1], stop: false, id_slot: -1, tokens_predicted: 1, tokens_evaluated: 7 };
}

function lastParts(request: FakeRequest, { finish = 'stop', usage }: LlamaAnswer): readonly (object | string)[] {
  const { inputTokens = 5, outputTokens = 2, cachedInputTokens } = usage ?? {};
  const timings = cachedInputTokens === undefined ? {} : { timings: { cache_n: cachedInputTokens, prompt_n: 1 } };
  if (!isChat(request)) {
    const stopType = finish === 'length' ? 'limit' : 'eos';
    const counts = { tokens_evaluated: inputTokens, tokens_predicted: outputTokens, ...timings };
    return [{ content: '', stop: true, stop_type: stopType, model: `/models/${fakeLlamaModel}`, ...counts }];
  }
  const counts = {
    completion_tokens: outputTokens,
    prompt_tokens: inputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
  };
  return [
    chatChunk({ choices: [{ finish_reason: finish, index: 0, delta: {} }] }),
    chatChunk({ choices: [], usage: counts }),
    '[DONE]',
  ];
}

function chatChunk(fields: object): object {
  return { ...fields, created: 1, id: 'chatcmpl-fake', model: fakeLlamaModel, object: 'chat.completion.chunk' };
}

function head(exchange: FakeExchange): Promise<void> {
  return exchange.head(200, { 'content-type': 'text/event-stream', server: 'llama.cpp' });
}

async function event(exchange: FakeExchange, value: object | string, options: LlamaAnswer = {}): Promise<void> {
  const { lineEnd = '\n', noise = '' } = options;
  const data = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = Buffer.from(`${noise}data: ${data}${lineEnd}${lineEnd}`);
  const size = options.bytesPerWrite ?? bytes.length;
  for (let start = 0; start < bytes.length && !exchange.isClosed; start += size) {
    await exchange.write(bytes.subarray(start, start + size));
  }
}
