/**
 * The vendor's SDK, loaded on first use, under our transport. Its form for browsers is taken because the other one reads
 * addresses and keys from environment variables and brings a login library and sockets along. It builds and sends
 * requests; answers are read by us, because its reader leaves the connection open when its reader leaves, takes a cut-off
 * stream for a whole one, knows no limit, and drops an event that has a comment before it.
 */
import type { Content, Fetch, GoogleGenAI } from '@google/genai/web';
import { HttpFailure } from '../http/http-failure.ts';
import { parseJson } from '../http/json.ts';
import type { HttpTransport } from '../http/transport.ts';
import type { GeminiBody } from './convert-request.ts';

export interface GeminiClientOptions {
  readonly provider: string;
  readonly baseUrl: string;
  readonly transport: HttpTransport;
  /** All headers of a call, asked for at each call because keys change. */
  readonly headers: () => Readonly<Record<string, string>>;
}

export interface GeminiClient {
  readonly models: GoogleGenAI['models'];
  /** The untouched answer to `generateContent`. Rejects with `HttpFailure` where it is an error. */
  generate(body: GeminiBody, streamed: boolean, signal: AbortSignal): Promise<Response>;
}

export async function createGeminiClient(options: GeminiClientOptions): Promise<GeminiClient> {
  const { GoogleGenAI: Client } = await import('@google/genai/web');
  // The platform loads what belongs to fetch when it is first named: 30 ms that a first completion need not wait for.
  void globalThis.Response;
  const fetchThrough = options.transport.fetchFor(options.provider);
  const send: Fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : input;
    // Our headers replace the SDK's, the key among them.
    const answer = await fetchThrough(url, { ...init, headers: options.headers() });
    if (answer.ok) return answer;
    // Taken here because the SDK keeps only the status and a text, and drops the headers.
    const body = parseJson(await answer.text());
    throw new HttpFailure(answer.status, body, (name) => answer.headers.get(name) ?? undefined);
  };
  // Retries are off unless asked for. The version is part of the address.
  const httpOptions = { baseUrl: options.baseUrl, apiVersion: '', fetch: send };
  const { models } = new Client({ apiKey: 'unused', vertexai: false, httpOptions });

  return {
    models,
    async generate({ model, contents, ...rest }, streamed, signal) {
      let answer: Response | undefined;
      const fetch: Fetch = async (input, init) => {
        answer = await send(input, init);
        return Response.json({});
      };
      const parameters = {
        model,
        contents: contents.map(({ role, parts }): Content => ({ role, parts: [...parts] })),
        // Without the last one an answer at its limit is continued by requests nobody asked for.
        config: { abortSignal: signal, httpOptions: { extraBody: rest, fetch }, automaticContinuation: false },
      };
      if (streamed) await models.generateContentStream(parameters);
      else await models.generateContent(parameters);
      if (answer === undefined) throw new TypeError('The SDK sent nothing.');
      return answer;
    },
  };
}
