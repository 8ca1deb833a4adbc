/** What a user has to know when a provider does not answer: where its key comes from, how it is reached, what it says itself. */
import type { EntryKey, KeyDescription } from '../credentials/entry-key.ts';
import type { AiProvider, ProviderHealth } from '../domain/ai-provider.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { Environment, NetworkSettings } from '../providers/http/dispatcher.ts';

export interface ProviderInspection {
  readonly key: KeyDescription;
  /** `host:port`; absent where the provider is reached directly. */
  readonly proxy?: string;
}

export interface InspectionTools {
  readonly environment: Environment;
  readonly network: NetworkSettings;
}

/**
 * Asks nobody on the network, and a keychain where the key is there. Rejects with `AiError` `notConfigured` for a proxy or
 * certificate file that cannot be used.
 */
export async function inspectProvider(
  entry: ProviderEntry,
  key: EntryKey,
  tools: InspectionTools,
  signal: AbortSignal,
): Promise<ProviderInspection> {
  const proxy = entry.baseUrl === undefined ? undefined : await proxyTo(new URL(entry.baseUrl), entry.id, tools);
  return { key: await key.describe(signal), ...(proxy === undefined ? {} : { proxy }) };
}

/** Asks the provider. Never rejects: a provider that cannot even be made is unconfigured. */
export async function healthOf(provider: Promise<AiProvider>, signal: AbortSignal): Promise<ProviderHealth> {
  try {
    const made = await provider;
    return (await made.checkHealth?.(signal)) ?? { state: 'ready' };
  } catch (error) {
    return { state: 'unreachable', message: error instanceof Error ? error.message : String(error) };
  }
}

async function proxyTo(url: URL, id: string, { network, environment }: InspectionTools): Promise<string | undefined> {
  const { createDispatcher } = await import('../providers/http/dispatcher.ts');
  const { dispatcher, preconnected, proxyFor } = await createDispatcher(network, environment, id);
  preconnected.dispose();
  await dispatcher.destroy();
  return proxyFor(url);
}
