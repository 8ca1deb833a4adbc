/**
 * The vendor's SDK, loaded on first use and told everything: whatever it is not told it takes from environment variables
 * and profiles on disk, by which any shell could send code elsewhere. Its retries, time-outs, traces and logs are off
 * because ours exist already.
 */
import type { Anthropic } from '@anthropic-ai/sdk';
import { HttpFailure } from '../http/http-failure.ts';
import { parseJson } from '../http/json.ts';
import type { HttpTransport } from '../http/transport.ts';

export interface AnthropicClientOptions {
  readonly provider: string;
  readonly baseUrl: string;
  readonly transport: HttpTransport;
  /** All headers of a call, asked for at each call because keys change. */
  readonly headers: () => Readonly<Record<string, string>>;
}

const silent = { error() {}, warn() {}, info() {}, debug() {} };
/** The longest a timer can run, 24 days: deadlines are set around the provider. */
const noTimeout = 2 ** 31 - 1;

export async function createAnthropicClient(options: AnthropicClientOptions): Promise<Anthropic> {
  const { Anthropic: Client } = await import('@anthropic-ai/sdk');
  // The platform loads what belongs to fetch when it is first named: 30 ms that a first completion need not wait for.
  void globalThis.Response;
  const fetchThrough = options.transport.fetchFor(options.provider);
  return new Client({
    // Never sent: our headers replace the SDK's, among them those it reads from ANTHROPIC_CUSTOM_HEADERS and those that
    // describe the user's machine. Without a value here it would look for a key itself.
    apiKey: 'unused',
    webhookKey: null,
    baseURL: options.baseUrl,
    timeout: noTimeout,
    maxRetries: 0,
    logLevel: 'off',
    logger: silent,
    fetchOptions: {},
    middleware: [],
    openTelemetry: false,
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : input;
      const answer = await fetchThrough(url, { ...init, headers: options.headers() });
      if (answer.ok) return answer;
      // Taken here because the SDK keeps only part of an error body, and none of those that are shaped otherwise.
      const body = parseJson(await answer.text());
      throw new HttpFailure(answer.status, body, (name) => answer.headers.get(name) ?? undefined);
    },
  });
}
