/**
 * Which providers there are and how they are: as far as is known, or after a short look at what runs on this machine.
 * A look is taken when somebody asks for it; nothing that is found is chosen because of it.
 */
import { isProviderKind, vendorOf } from '../config/vendors.ts';
import type { AiCapabilities, AiProvider, ProviderHealth } from '../domain/ai-provider.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { platformSignal } from '../util/call-signal.ts';
import { isLoopback } from '../util/is-loopback.ts';
import { healthOf } from './inspect-provider.ts';

export interface ProviderReport {
  readonly id: string;
  readonly kind: string;
  readonly model: string;
  readonly capabilities: AiCapabilities;
  readonly health: ProviderHealth;
}

export interface ProviderReports {
  /** Asks nobody. */
  list(): Promise<readonly ProviderReport[]>;
  /** Asks the servers that may run on this machine, all at the same time. Rejects when the signal is aborted. */
  discover(signal: AbortSignal): Promise<readonly ProviderReport[]>;
  /** True for a server of this machine that nobody has heard of yet: that it is there is only a default. */
  isAssumed(entry: ProviderEntry): boolean;
}

export interface ProviderReportsOptions {
  readonly registry: ProviderRegistry;
  readonly metrics: Metrics;
  /** What recent failures say of a provider; `undefined` while they say nothing. */
  recentHealth(id: string): ProviderHealth | undefined;
}

/** Milliseconds a server on this machine has for its cheapest answer. */
export const PROBE_PATIENCE = 300;

export function createProviderReports({ registry, metrics, recentHealth }: ProviderReportsOptions): ProviderReports {
  /** Servers of this machine that answered when they were last looked for. */
  const found = new Set<string>();

  async function report(
    { id, kind }: ProviderEntry,
    ask: (provider: AiProvider) => ProviderHealth | Promise<ProviderHealth>,
  ): Promise<ProviderReport> {
    try {
      const provider = await registry.get(id);
      const health = recentHealth(id) ?? (await ask(provider));
      return { id, kind, model: provider.model, capabilities: provider.capabilities, health };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { id, kind, model: '', capabilities: NOTHING, health: { state: 'unconfigured', message } };
    }
  }

  async function look(entry: ProviderEntry, provider: AiProvider, signal: AbortSignal): Promise<ProviderHealth> {
    if (!mayRunHere(entry)) return lastHealth(provider);
    const health = await probe(provider, signal);
    if (health.state === 'unreachable') found.delete(entry.id);
    else found.add(entry.id);
    return health;
  }

  return {
    list: () => Promise.all(registry.list().map((entry) => report(entry, lastHealth))),
    async discover(signal) {
      const reports = await Promise.all(
        registry.list().map((entry) => report(entry, (provider) => look(entry, provider, signal))),
      );
      signal.throwIfAborted();
      return reports;
    },
    isAssumed: (entry) =>
      mayRunHere(entry) && !found.has(entry.id) && (metrics.snapshot()[entry.id]?.total.p50 ?? null) === null,
  };
}

function lastHealth(provider: AiProvider): ProviderHealth {
  return provider.lastHealth?.() ?? { state: 'ready' };
}

/** Never rejects. */
async function probe(provider: AiProvider, signal: AbortSignal): Promise<ProviderHealth> {
  // Loaded before the time runs: what is loaded on first use is not the server's doing.
  await import('../providers/http/load-undici.ts');
  const limit = AbortSignal.timeout(PROBE_PATIENCE);
  const health = await healthOf(Promise.resolve(provider), AbortSignal.any([platformSignal(signal), limit]));
  if (!limit.aborted || health.state !== 'unreachable') return health;
  return { state: 'unreachable', message: `It did not answer within ${PROBE_PATIENCE} ms.` };
}

/** A vendor whose server people run themselves, where no other machine is named. */
function mayRunHere({ kind, baseUrl }: ProviderEntry): boolean {
  if (!isProviderKind(kind) || vendorOf(kind).servedLocally !== true) return false;
  if (baseUrl === undefined) return true;
  return URL.canParse(baseUrl) && isLoopback(new URL(baseUrl).hostname);
}

const NOTHING: AiCapabilities = {
  streaming: false,
  codeCompletion: false,
  fim: false,
  chat: false,
  embeddings: false,
  tokenCounting: false,
  contextWindow: null,
};
