/** Ready answers for the fake provider, good ones and every kind of bad one. */
import type { OutgoingHttpHeaders } from 'node:http';
import { answerBody, deltaEvent, endEvents, type FakeUsage, fakeModel, wireOf } from './fake-openai-wire.ts';
import type { FakeExchange, FakeResponder } from './fake-provider.ts';

export interface StreamTextOptions {
  /** Characters (UTF-16) per delta. Default: the whole text in one. */
  readonly chunkSize?: number;
  /** Real milliseconds before each delta. Prefer `gate` in tests. */
  readonly delayMs?: number;
  /** Awaited before each delta; the index is that of the delta. */
  readonly gate?: (index: number) => Promise<void>;
  readonly finish?: string;
  readonly usage?: FakeUsage;
  /** Sends the body in writes of this many bytes, so that events and characters arrive in pieces. */
  readonly bytesPerWrite?: number;
  /** What separates lines of the event stream. Default `\n`. */
  readonly lineEnd?: '\n' | '\r\n' | '\r';
  /** Sent before each event, for example `: keep-alive\n\n`. */
  readonly noise?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** Answers with this text: as a stream if the request asks for one, else as one JSON body. */
export function streamText(text: string, options: StreamTextOptions = {}): FakeResponder {
  return async (exchange) => {
    const wire = wireOf(exchange.request.path);
    const finish = options.finish ?? 'stop';
    await exchange.head(200, options.headers);
    if (exchange.request.body['stream'] !== true) {
      await writeInPieces(exchange, JSON.stringify(answerBody(wire, text, finish, options.usage)), options);
      return exchange.close();
    }
    for (const [index, part] of partsOf(text, options.chunkSize ?? Math.max(1, text.length)).entries()) {
      await options.gate?.(index);
      if (options.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.delayMs));
      await writeInPieces(exchange, eventText(deltaEvent(wire, part), options), options);
    }
    for (const data of endEvents(wire, finish, options.usage)) {
      await writeInPieces(exchange, eventText(data, options), options);
    }
    await exchange.close();
  };
}

/** Takes the request and never answers. */
export function hang(): FakeResponder {
  return () => {};
}

/** Sends the head of a good answer and nothing after it. */
export function headersThenHang(): FakeResponder {
  return (exchange) => exchange.head();
}

/** Begins this stream and destroys the socket after so many body bytes. */
export function dieAfter(bytes: number, text = 'x'.repeat(bytes)): FakeResponder {
  return async (exchange) => {
    const wire = wireOf(exchange.request.path);
    const whole = Buffer.from(
      partsOf(text, 8)
        .map((part) => eventText(deltaEvent(wire, part), {}))
        .join(''),
    );
    await exchange.write(whole.subarray(0, bytes));
    exchange.die();
  };
}

/** Streams the text and ends the HTTP message cleanly, without finish reason and without `[DONE]`. */
export function noDone(text: string): FakeResponder {
  return async (exchange) => {
    await exchange.send(text);
    await exchange.close();
  };
}

/** An error answer; without a body one in the vendor's shape is made. */
export function errorStatus(status: number, body?: unknown, headers: OutgoingHttpHeaders = {}): FakeResponder {
  return async (exchange) => {
    const shape = body ?? { error: { message: `fake error ${status}`, type: 'fake_error', param: null, code: null } };
    await exchange.head(status, { 'content-type': 'application/json', ...headers });
    await exchange.write(typeof shape === 'string' ? shape : JSON.stringify(shape));
    await exchange.close();
  };
}

/** What a proxy or a captive portal says instead of the provider. */
export function htmlPage(status = 502): FakeResponder {
  return errorStatus(status, '<html><body><h1>Bad Gateway</h1></body></html>', { 'content-type': 'text/html' });
}

/** Another program at the address, which is no server of models. */
export const plainText: FakeResponder = async (exchange) => {
  await exchange.head(200, { 'content-type': 'text/plain', server: 'Python/3.12 aiohttp' });
  await exchange.write('hello\nworld\n');
  await exchange.close();
};

/** A good beginning, then an error object inside the 200 stream. */
export function midStreamError(
  text = 'begin',
  error: object = { message: 'The server had an error', type: 'server_error', param: null, code: null },
): FakeResponder {
  return async (exchange) => {
    await exchange.send(text);
    await exchange.event({ error });
    await exchange.close();
  };
}

/** A good beginning and a good end, with an event between them that is not JSON. */
export function malformedChunk(text = 'begin'): FakeResponder {
  return async (exchange) => {
    await exchange.send(text);
    await exchange.event('{"choices":[{"delta":');
    await exchange.end();
  };
}

/** These bytes on the socket instead of an HTTP response. */
export function raw(bytes: string | Uint8Array): FakeResponder {
  return (exchange) => exchange.raw(bytes);
}

/** A JSON body with status 200. */
export function json(body: unknown, headers: OutgoingHttpHeaders = {}): FakeResponder {
  return async (exchange) => {
    await exchange.head(200, { 'content-type': 'application/json', ...headers });
    await exchange.write(JSON.stringify(body));
    await exchange.close();
  };
}

/** The answer of `GET /models`. */
export function models(...ids: readonly string[]): FakeResponder {
  return json({ object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1, owned_by: 'fake' })) });
}

/** The answer of `POST /embeddings`. */
export function embeddings(vectors: readonly (readonly number[])[]): FakeResponder {
  return json({
    object: 'list',
    model: fakeModel,
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    usage: { prompt_tokens: vectors.length, total_tokens: vectors.length },
  });
}

/** A redirect to another address. */
export function redirect(location: string, status = 307): FakeResponder {
  return errorStatus(status, '', { location });
}

/** The first request gets the first responder, and so on; the last one stays. */
export function inTurn(...responders: readonly [FakeResponder, ...FakeResponder[]]): FakeResponder {
  let turn = 0;
  return (exchange) => {
    const responder = responders[Math.min(turn, responders.length - 1)] ?? responders[0];
    turn++;
    return responder(exchange);
  };
}

/** `/models` gets the model list, everything else the responder. */
export function withModels(ids: readonly string[], otherwise: FakeResponder): FakeResponder {
  const listed = models(...ids);
  return (exchange) => (/\/models(\?|$)/.test(exchange.request.path) ? listed(exchange) : otherwise(exchange));
}

function eventText(data: unknown, options: Pick<StreamTextOptions, 'lineEnd' | 'noise'>): string {
  const lineEnd = options.lineEnd ?? '\n';
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${options.noise ?? ''}data: ${text}${lineEnd}${lineEnd}`;
}

async function writeInPieces(exchange: FakeExchange, text: string, options: StreamTextOptions): Promise<void> {
  const bytes = Buffer.from(text);
  const size = options.bytesPerWrite ?? Math.max(1, bytes.length);
  for (let start = 0; start < bytes.length && !exchange.isClosed; start += size) {
    await exchange.write(bytes.subarray(start, start + size));
  }
}

function partsOf(text: string, size: number): readonly string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; start += size) parts.push(text.slice(start, start + size));
  return parts;
}
