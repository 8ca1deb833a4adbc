/**
 * The vendor's SDK, loaded on first use, under our transport. Its form for browsers is taken because the other one reads
 * addresses and keys from environment variables and brings a login library and sockets along. It builds and sends
 * requests; answers are read by us, because its reader leaves the connection open when its reader leaves, takes a cut-off
 * stream for a whole one, knows no limit, and drops an event that has a comment before it.
 */
import type { Content, Fetch, GoogleGenAI } from '@google/genai/web';
import { platformSignal } from '../../util/call-signal.ts';
import { type SdkClientOptions, sdkCall, sdkFetch, unusedKey } from '../http/sdk-client.ts';
import type { GeminiBody } from './convert-request.ts';

export interface GeminiClient {
  readonly models: GoogleGenAI['models'];
  /** The untouched answer to `generateContent`. Rejects with `HttpFailure` where it is an error. */
  generate(body: GeminiBody, streamed: boolean, signal: AbortSignal): Promise<Response>;
}

export async function createGeminiClient(options: SdkClientOptions): Promise<GeminiClient> {
  const { GoogleGenAI: Client } = await import('@google/genai/web');
  const send: Fetch = sdkFetch(options);
  // Retries are off unless asked for. The version is part of the address.
  const httpOptions = { baseUrl: options.baseUrl, apiVersion: '', fetch: send };
  const { models } = new Client({ apiKey: unusedKey, vertexai: false, httpOptions });

  return {
    models,
    async generate({ model, contents, ...rest }, streamed, signal) {
      let answer: Response | undefined;
      const fetch: Fetch = async (input, init) => {
        answer = await send(input, { ...init, headers: sdkCall(signal).headers });
        return Response.json({});
      };
      const parameters = {
        model,
        contents: contents.map(({ role, parts }): Content => ({ role, parts: [...parts] })),
        // Without the last one an answer at its limit is continued by requests nobody asked for.
        config: {
          abortSignal: platformSignal(signal),
          httpOptions: { extraBody: rest, fetch },
          automaticContinuation: false,
        },
      };
      if (streamed) await models.generateContentStream(parameters);
      else await models.generateContent(parameters);
      if (answer === undefined) throw new TypeError('The SDK sent nothing.');
      return answer;
    },
  };
}
