/** The vendor's SDK, loaded on first use and told everything it would otherwise take from environment variables and profiles on disk. */
import type { Anthropic } from '@anthropic-ai/sdk';
import { quietSdk, type SdkClientOptions, sdkFetch } from '../http/sdk-client.ts';

export async function createAnthropicClient(options: SdkClientOptions): Promise<Anthropic> {
  const { Anthropic: Client } = await import('@anthropic-ai/sdk');
  return new Client({
    ...quietSdk,
    webhookKey: null,
    baseURL: options.baseUrl,
    middleware: [],
    openTelemetry: false,
    fetch: sdkFetch(options),
  });
}
