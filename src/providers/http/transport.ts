/**
 * The one way out of the process: every provider's bytes pass here, so that proxy, certificates, keep-alive, size limits
 * and the refusal of redirects exist once. Loads undici on first use.
 */
import { AiError, cancelled } from '../../domain/ai-error.ts';
import type { Clock } from '../../domain/ports.ts';
import { connectLimitOf, createCallController } from '../../util/call-signal.ts';
import { followSignal } from '../../util/follow-signal.ts';
import { systemClock } from '../../util/system-clock.ts';
import { boundedBody, maxAnswerBytes, maxErrorBytes } from './bounded-body.ts';
import { createDispatcher, type Environment, type NetworkDispatcher, type NetworkSettings } from './dispatcher.ts';
import { exchange } from './exchange.ts';
import { type CallTarget, connectTooSlow, networkError } from './network-error.ts';
import type { HeaderReader } from './retry-hints.ts';

export interface TransportRequest {
  /** The id errors are reported under. */
  readonly provider: string;
  readonly method: 'GET' | 'POST';
  readonly url: string | URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  readonly header: HeaderReader;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * At most 8 MB, 1 MB where the status is an error; more rejects. Pulls only when pulled. Must be read to its end or
   * left by `break`, which closes the socket. Rejects with `AiError`: `cancelled`, `network`, `timeout` or `server`.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpTransport {
  /** Rejects with `AiError`; an HTTP error status is an answer. */
  request(request: TransportRequest): Promise<TransportResponse>;
  /**
   * `fetch` for vendors' SDKs, reporting under this provider id. Rejects with `AiError` or the platform's `AbortError`.
   * `connectWithin`: milliseconds.
   */
  fetchFor(
    provider: string,
  ): (...call: [...Parameters<typeof globalThis.fetch>, connectWithin?: number | undefined]) => Promise<Response>;
  /** Opens a connection in the background, so that the first call finds it. Does nothing where a proxy stands between. */
  preconnect(address: string): Promise<void>;
  /** Closes every connection. */
  dispose(): Promise<void>;
}

export interface HttpTransportOptions extends NetworkSettings {
  readonly environment: Environment;
  /** Absent: the real one. */
  readonly clock?: Clock;
}

/** Milliseconds until a request is on a connection, for calls that do not say: looking whether a server is there, above all. */
const CONNECT_WITHIN = 2_000;

export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { clock = systemClock } = options;
  let network: Promise<NetworkDispatcher> | undefined;
  let disposed = false;
  const connectNetwork = (provider: string): Promise<NetworkDispatcher> => {
    network ??= createDispatcher(options, options.environment, provider).catch((error: unknown) => {
      network = undefined;
      throw error;
    });
    return network;
  };

  const request = async (call: TransportRequest): Promise<TransportResponse> => {
    if (call.signal.aborted) throw cancelled(call.provider);
    if (disposed) throw new AiError('network', call.provider, 'The provider was shut down.', { retryable: false });
    const { dispatcher, preconnected, proxyFor } = await connectNetwork(call.provider);
    const url = new URL(call.url);
    const target: CallTarget = { provider: call.provider, url, proxy: proxyFor(url) };
    const translate = (error: unknown) =>
      call.signal.aborted ? cancelled(call.provider) : networkError(error, target);
    // Cancelling costs the connection, and typing cancels often: the next call shall find another one open.
    const replaceConnection = () => {
      if (!disposed && target.proxy === undefined) preconnected.open(url);
    };
    const connectWithin = connectLimitOf(call.signal) ?? CONNECT_WITHIN;
    const answer = await exchange({
      dispatcher,
      signal: call.signal,
      clock,
      connectWithin,
      tooSlow: () => connectTooSlow(target, connectWithin),
      request: {
        origin: url.origin,
        path: url.pathname + url.search,
        method: call.method,
        headers: call.headers,
        body: call.body === undefined ? null : call.body,
      },
    }).catch((error: unknown) => {
      if (call.signal.aborted) replaceConnection();
      throw translate(error);
    });
    const headers = singleHeaders(answer.headers);
    const refusal = refuse(answer.status, headers, target, call);
    if (refusal !== undefined) {
      await answer.body.return?.();
      throw refusal;
    }
    return {
      status: answer.status,
      headers,
      header: (name) => headers[name],
      body: boundedBody(answer.body, {
        provider: call.provider,
        limit: answer.status >= 400 ? maxErrorBytes : maxAnswerBytes,
        translate,
        onLeft: replaceConnection,
      }),
    };
  };

  return {
    request,
    fetchFor: (provider) => (input, init, connectWithin) =>
      fetchThrough({ request, provider, connectWithin }, input, init ?? {}),
    async preconnect(address) {
      if (disposed) return;
      const { preconnected, proxyFor } = await connectNetwork('network');
      const url = new URL(address);
      if (proxyFor(url) === undefined) preconnected.open(url);
    },
    async dispose() {
      disposed = true;
      // Settings by which no network could be made were reported to whoever made a call.
      const made = await network?.catch(() => undefined);
      made?.preconnected.dispose();
      await made?.dispatcher.destroy();
    },
  };
}

/** Answers that are none: a redirect would carry key and text to an address nobody configured. */
function refuse(
  status: number,
  headers: Readonly<Record<string, string>>,
  target: CallTarget,
  call: TransportRequest,
): AiError | undefined {
  const { provider, url } = target;
  if (status >= 300 && status < 400) {
    const said = originOf(headers['location'], url);
    const where = isEcho(said, call) ? 'another address' : said;
    const message = `${url.host} redirects to ${where}. Redirects are refused; set baseUrl to the final address.`;
    return new AiError('network', provider, message, { status, retryable: false });
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity' || encoding === '') return undefined;
  return new AiError('server', provider, `${url.host} compressed its answer without being asked to.`, {
    status,
    retryable: false,
  });
}

/** Characters: what is shorter is in an address by chance. */
const shortestSecret = 8;

/** A server may say what it was told in the name of a host, where case does not count. */
function isEcho(origin: string, { headers }: TransportRequest): boolean {
  const words = Object.values(headers).flatMap((value) => value.toLowerCase().split(' '));
  return words.some((word) => word.length >= shortestSecret && origin.toLowerCase().includes(word));
}

function originOf(location: string | undefined, base: URL): string {
  try {
    return location === undefined ? 'another address' : new URL(location, base).origin;
  } catch {
    return 'another address';
  }
}

function singleHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return single;
}

/** Statuses whose answers have no body at all. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

interface FetchWay {
  readonly request: HttpTransport['request'];
  readonly provider: string;
  readonly connectWithin: number | undefined;
}

async function fetchThrough(
  { request, provider, connectWithin }: FetchWay,
  input: Parameters<typeof globalThis.fetch>[0],
  init: RequestInit,
): Promise<Response> {
  if (typeof input !== 'string' && !(input instanceof URL)) throw new TypeError('Only addresses can be fetched.');
  const { body } = init;
  if (body !== undefined && body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new TypeError('Only text and bytes can be sent.');
  }
  const own = init.signal ? followSignal(init.signal, connectWithin) : createCallController(connectWithin);
  const { signal } = own;
  try {
    const answer = await request({
      provider,
      method: init.method?.toUpperCase() === 'POST' ? 'POST' : 'GET',
      url: input,
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(body === undefined || body === null ? {} : { body }),
      signal,
    });
    const stream = bodiless.has(answer.status) ? null : pulledStream(answer.body, own);
    return new Response(stream, { status: answer.status, headers: answer.headers });
  } catch (error) {
    if (signal.aborted) throw new DOMException('This operation was aborted', 'AbortError');
    throw error;
  }
}

/** Nothing is read ahead: the reader's pace is the socket's. */
function pulledStream(chunks: AsyncIterable<Uint8Array>, own: AbortController): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      // Not by the iterator's `return`: that waits for a read under way, which may never end.
      cancel() {
        own.abort();
      },
    },
    { highWaterMark: 0 },
  );
}
