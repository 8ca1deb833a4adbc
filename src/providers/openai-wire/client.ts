/** The vendor's SDK, loaded on first use and told everything it would otherwise take from environment variables. */
import type { OpenAI } from 'openai';
import { quietSdk, type SdkClientOptions, sdkFetch } from '../http/sdk-client.ts';

export async function createOpenAiClient(options: SdkClientOptions): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  return new Client({
    ...quietSdk,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: options.baseUrl,
    fetch: sdkFetch(options),
  });
}
