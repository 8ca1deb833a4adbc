/**
 * What every vendor's SDK is told, and the `fetch` under it. Apart because an SDK takes whatever it is not told from
 * environment variables, by which any shell could send code elsewhere, and has retries, time-outs and logs of its own
 * where ours exist already.
 */

import { connectLimitOf } from '../../util/call-signal.ts';
import { foreignAnswer } from './foreign-answer.ts';
import { HttpFailure } from './http-failure.ts';
import { parseJson } from './json.ts';
import type { OpenAnswer } from './open-answer.ts';
import type { HttpTransport } from './transport.ts';

export interface SdkClientOptions {
  readonly provider: string;
  readonly baseUrl: string;
  readonly transport: HttpTransport;
  /** All headers of a call, asked for at each call because keys change. Throws where no call can be made. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/** Says to our `fetch` how long connecting may take. It never leaves the process: our headers replace the SDK's. */
const connectHeader = 'x-connect-within';

/** What each call of an SDK is told: its signal, and what that says of connecting, which the SDK's own does not. */
export function sdkCall(signal: AbortSignal): { signal: AbortSignal; headers: Record<string, string> } {
  const limit = connectLimitOf(signal);
  return { signal, headers: limit === undefined ? {} : { [connectHeader]: `${limit}` } };
}

type SdkFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Never sent: our headers replace the SDK's. Without a value it would look for a key itself. */
export const unusedKey = 'unused';

/** What SDKs of one maker take alike. */
export const quietSdk = {
  apiKey: unusedKey,
  /** The longest a timer can run, 24 days: deadlines are set around the provider. */
  timeout: 2 ** 31 - 1,
  maxRetries: 0,
  logLevel: 'off',
  logger: { error() {}, warn() {}, info() {}, debug() {} },
  fetchOptions: {},
} as const;

/**
 * Our transport as an SDK calls it. Our headers replace the SDK's, among them those it reads from environment variables
 * and those that describe the user's machine. Rejects with `HttpFailure` where the answer is an error.
 */
export function sdkFetch({ provider, transport, headers }: SdkClientOptions): SdkFetch {
  // The platform loads what belongs to fetch when it is first named: 30 ms that a first completion need not wait for.
  void globalThis.Response;
  const fetchThrough = transport.fetchFor(provider);
  return async (input, init) => {
    const url = input instanceof Request ? input.url : input;
    const limit = new Headers(init?.headers).get(connectHeader);
    const answer = await fetchThrough(url, { ...init, headers: headers() }, limit === null ? undefined : Number(limit));
    const header = (name: string) => answer.headers.get(name) ?? undefined;
    if (answer.ok) {
      // An SDK takes a page for text, and reads an empty list or a count of nothing out of it.
      if (!(answer.headers.get('content-type') ?? '').includes('text/html')) return answer;
      await answer.body?.cancel();
      throw foreignAnswer(provider, header);
    }
    // Taken here because SDKs keep only part of an error body, and none of those that are shaped otherwise.
    const body = parseJson(await answer.text());
    throw new HttpFailure(answer.status, body, header);
  };
}

/** What an SDK loads on first use is loaded once. */
export function loadOnce<Client>(load: () => Promise<Client>): () => Promise<Client> {
  let client: Promise<Client> | undefined;
  return () => {
    client ??= load();
    return client;
  };
}

/** The SDK's answer, not yet read. */
export function openResponse(response: Response): Omit<OpenAnswer, 'close'> {
  return { header: (name) => response.headers.get(name) ?? undefined, body: response.body ?? nothing() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
