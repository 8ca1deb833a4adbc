/** Anthropic's wire as its service sends it: messages streamed and whole, token counts, models and errors. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FakeExchange, FakeResponder } from './fake-provider.ts';

export const fakeClaude = 'claude-fake-1';

export interface AnthropicTextOptions {
  /** Characters (UTF-16) per delta. Default: the whole text in one. */
  readonly chunkSize?: number;
  /** Sends the body in writes of this many bytes. */
  readonly bytesPerWrite?: number;
  readonly stopReason?: string;
  readonly stopDetails?: object;
  /** As the wire counts: the input without what came from the cache. */
  readonly usage?: Readonly<Record<string, number | null>>;
  /** A block of thoughts before the text. */
  readonly thoughts?: string;
  readonly lineEnd?: '\n' | '\r\n' | '\r';
  /** Sent before each event. */
  readonly noise?: string;
  readonly headers?: OutgoingHttpHeaders;
}

type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Answers with this text, as a stream where the request asks for one, else as one JSON body. */
export function anthropicText(text: string, options: AnthropicTextOptions = {}): FakeResponder {
  return async (exchange) => {
    await exchange.head(200, { 'request-id': 'req_fake', ...options.headers });
    if (exchange.request.body['stream'] === true) {
      for (const event of streamEvents(text, options)) await writeEvent(exchange, event, options);
    } else {
      await writeInPieces(exchange, JSON.stringify(wholeMessage(text, options)), options);
    }
    await exchange.close();
  };
}

/** The beginning of a stream and its first text. */
export async function anthropicBegin(exchange: FakeExchange, text: string): Promise<void> {
  await exchange.head();
  for (const event of [messageStart({}), blockStart(0, { type: 'text', text: '' })]) await writeEvent(exchange, event);
  await anthropicSend(exchange, text);
}

/** More text of a stream that began. */
export function anthropicSend(exchange: FakeExchange, text: string): Promise<void> {
  return writeEvent(exchange, blockDelta(0, { type: 'text_delta', text }));
}

/** The proper end of a stream that began. */
export async function anthropicEnd(exchange: FakeExchange, options: AnthropicTextOptions = {}): Promise<void> {
  for (const event of endEvents(0, options)) await writeEvent(exchange, event);
  await exchange.close();
}

/** Everything up to the stop reason, and no `message_stop`. */
export function anthropicTruncated(text: string): FakeResponder {
  return async (exchange) => {
    await exchange.head();
    for (const event of streamEvents(text, {}).slice(0, -1)) await writeEvent(exchange, event);
    await exchange.close();
  };
}

/** A good beginning, then an `error` event inside the 200 stream. */
export function anthropicStreamError(text: string, type = 'overloaded_error', message = 'Overloaded'): FakeResponder {
  return async (exchange) => {
    await anthropicBegin(exchange, text);
    await writeEvent(exchange, { type: 'error', error: { type, message }, request_id: 'req_stream' });
    await exchange.close();
  };
}

/** A good beginning and a good end, with an event between them that is no JSON. */
export function anthropicMalformed(text: string): FakeResponder {
  return async (exchange) => {
    await anthropicBegin(exchange, text);
    await exchange.write('event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n');
    await anthropicEnd(exchange);
  };
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** An error answer; its type is the one the service has for the status. */
export function anthropicError(
  status: number,
  message = 'fake',
  headers: OutgoingHttpHeaders = {},
  type = errorTypes[status] ?? 'api_error',
): FakeResponder {
  const body = { type: 'error', error: { type, message }, request_id: headers['request-id'] ?? 'req_body' };
  return json(body, status, headers);
}

/** Answers `POST /v1/messages/count_tokens`. */
export function anthropicCount(tokens: number): FakeResponder {
  return json({ input_tokens: tokens });
}

/** Answers `GET /v1/models` with these pages, by their `after_id`, and `GET /v1/models/ID`. */
export function anthropicModels(...pages: readonly (readonly object[])[]): FakeResponder {
  const described = pages.map((page) => page.map((model) => ({ ...modelDescription, ...model })));
  return (exchange) => {
    const { pathname, searchParams } = new URL(exchange.request.path, 'http://fake');
    const one = /\/models\/(.+)$/.exec(pathname)?.[1];
    if (one !== undefined) {
      const found = described.flat().find(({ id }) => id === decodeURIComponent(one));
      return (found === undefined ? anthropicError(404, `model: ${one}`) : json(found))(exchange);
    }
    const after = searchParams.get('after_id');
    const index = described.findIndex((page) => page.at(-1)?.id === after) + 1;
    const data = described[index] ?? [];
    const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
    return json({ data, has_more: index + 1 < described.length, ...ends })(exchange);
  };
}

const modelDescription = {
  type: 'model',
  id: fakeClaude,
  display_name: 'Fake',
  created_at: '2026-01-01T00:00:00Z',
  lifecycle: 'active',
  max_input_tokens: 1_000_000,
  max_tokens: 128_000,
  capabilities: null,
};

function streamEvents(text: string, options: AnthropicTextOptions): readonly Event[] {
  const size = options.chunkSize ?? Math.max(1, text.length);
  const thoughts = options.thoughts === undefined ? [] : thoughtEvents(options.thoughts);
  const index = thoughts.length === 0 ? 0 : 1;
  const deltas: Event[] = [];
  for (let start = 0; start < text.length; start += size) {
    deltas.push(blockDelta(index, { type: 'text_delta', text: text.slice(start, start + size) }));
  }
  const beginning = [...thoughts, blockStart(index, { type: 'text', text: '' }), { type: 'ping' }];
  return [messageStart(options), ...beginning, ...deltas, ...endEvents(index, options)];
}

function thoughtEvents(thoughts: string): readonly Event[] {
  return [
    blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
    blockDelta(0, { type: 'thinking_delta', thinking: thoughts }),
    blockDelta(0, { type: 'signature_delta', signature: 'c2lnbmF0dXJl' }),
    { type: 'content_block_stop', index: 0 },
  ];
}

function endEvents(index: number, { stopReason = 'end_turn', stopDetails, usage }: AnthropicTextOptions) {
  return [
    { type: 'content_block_stop', index },
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null, stop_details: stopDetails ?? null },
      usage: { output_tokens: 1, ...usage },
    },
    { type: 'message_stop' },
  ];
}

function messageStart({ usage }: AnthropicTextOptions): Event {
  const started = { input_tokens: 1, ...usage, output_tokens: 1 };
  return { type: 'message_start', message: { ...envelope, content: [], ...notStopped, usage: started } };
}

function blockStart(index: number, block: object): Event {
  return { type: 'content_block_start', index, content_block: block };
}

function blockDelta(index: number, delta: object): Event {
  return { type: 'content_block_delta', index, delta };
}

function wholeMessage(text: string, options: AnthropicTextOptions): object {
  const { stopReason = 'end_turn', stopDetails = null, thoughts, usage } = options;
  const thinking = thoughts === undefined ? [] : [{ type: 'thinking', thinking: thoughts, signature: 'c2ln' }];
  return {
    ...envelope,
    content: [...thinking, { type: 'text', text }],
    stop_reason: stopReason,
    stop_sequence: null,
    stop_details: stopDetails,
    usage: { input_tokens: 1, output_tokens: 1, ...usage },
  };
}

const envelope = { id: 'msg_fake', type: 'message', role: 'assistant', model: fakeClaude };
const notStopped = { stop_reason: null, stop_sequence: null };

function json(body: object, status = 200, headers: OutgoingHttpHeaders = {}): FakeResponder {
  return async (exchange) => {
    await exchange.head(status, { 'content-type': 'application/json', ...headers });
    await exchange.write(JSON.stringify(body));
    await exchange.close();
  };
}

function writeEvent(exchange: FakeExchange, event: Event, options: AnthropicTextOptions = {}): Promise<void> {
  const { lineEnd = '\n', noise = '' } = options;
  const text = `${noise}event: ${event.type}${lineEnd}data: ${JSON.stringify(event)}${lineEnd}${lineEnd}`;
  return writeInPieces(exchange, text, options);
}

async function writeInPieces(exchange: FakeExchange, text: string, options: AnthropicTextOptions): Promise<void> {
  const bytes = Buffer.from(text);
  const size = options.bytesPerWrite ?? Math.max(1, bytes.length);
  for (let start = 0; start < bytes.length && !exchange.isClosed; start += size) {
    await exchange.write(bytes.subarray(start, start + size));
  }
}
