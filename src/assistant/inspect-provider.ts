/** What a user has to know when a provider does not answer: where its key comes from, how it is reached, what it says itself. */
import { resolveApiKey, type VendorKeys } from '../credentials/resolve-api-key.ts';
import type { AiProvider, ProviderHealth } from '../domain/ai-provider.ts';
import type { SecretSource } from '../domain/ports.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { NetworkSettings } from '../providers/http/dispatcher.ts';

export interface ProviderInspection {
  /** Never the key itself. `missing` and `refused` say what to do. */
  readonly key: { readonly source: string } | { readonly missing: string } | { readonly refused: string };
  /** `host:port`; absent where the provider is reached directly. */
  readonly proxy?: string;
}

export interface InspectionTools {
  readonly vendor: VendorKeys | undefined;
  readonly secrets: SecretSource;
  readonly network: NetworkSettings;
}

/** Asks nobody on the network. Rejects with `AiError` `notConfigured` for a proxy or certificate file that cannot be used. */
export async function inspectProvider(entry: ProviderEntry, tools: InspectionTools): Promise<ProviderInspection> {
  const proxy = entry.baseUrl === undefined ? undefined : await proxyTo(new URL(entry.baseUrl), entry.id, tools);
  return { key: keyOf(entry, tools), ...(proxy === undefined ? {} : { proxy }) };
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

function keyOf(entry: ProviderEntry, { vendor, secrets }: InspectionTools): ProviderInspection['key'] {
  try {
    const resolved = resolveApiKey(entry, vendor, secrets);
    return 'key' in resolved ? { source: resolved.source } : resolved;
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

async function proxyTo(url: URL, id: string, { network, secrets }: InspectionTools): Promise<string | undefined> {
  const { createDispatcher } = await import('../providers/http/dispatcher.ts');
  const { dispatcher, preconnected, proxyFor } = await createDispatcher(
    network,
    (name) => secrets.environment(name),
    id,
  );
  preconnected.dispose();
  await dispatcher.destroy();
  return proxyFor(url);
}
