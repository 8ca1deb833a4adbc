/** How a provider is wrapped and how several stand behind one name: the list of wrappers, in the order a call passes them. */
import { isDeepStrictEqual } from 'node:util';
import type { ShareAnswers } from '../cache/answer-sharing.ts';
import type { Settings } from '../config/schema.ts';
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider, StreamingProvider } from '../domain/ai-provider.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Middleware } from '../observability/middleware/middleware.ts';
import type { StatusTracker } from '../observability/status.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { withFallback } from '../resilience/fallback.ts';
import { createGuard, type Guard, type GuardPlan } from '../resilience/guard.ts';

export interface ComposerOptions {
  readonly registry: ProviderRegistry;
  readonly metrics: Metrics;
  readonly status: StatusTracker;
  readonly middleware: Middleware;
  readonly clock: Clock;
  readonly log: Log;
  /** The limits of everybody who uses the same account; `undefined` where nothing is shared. */
  fleet(entry: ProviderEntry): FleetLimits | undefined;
}

export interface Composer {
  /** One provider with all its wrappers. `sole`: nobody else could answer instead. */
  one(id: string, now: Settings, sole: boolean): Promise<AiProvider>;
  /** The first of the list that can be made, with the others behind it, and answers shared as `share` says. */
  list(ids: readonly string[], now: Settings, share: ShareAnswers): Promise<StreamingProvider>;
  /** The same among those that chat; rejects with `AiError` `unsupported` where none does. */
  chatList(ids: readonly string[], now: Settings, share: ShareAnswers): Promise<StreamingProvider>;
  guard(id: string): Guard | undefined;
  /** What is remembered of a provider's failures holds no longer; providers made before still go by it. */
  forget(id: string): void;
  /** How often calls to the provider were tried again, under earlier entries of its id too. */
  retries(id: string): number;
}

interface GuardOfEntry {
  /** `undefined` once there is another, or none: what calls in flight still learn concerns nobody. */
  readonly entry: ProviderEntry | undefined;
  readonly guard: Guard;
  /** Under earlier entries of the same id. */
  readonly retriedBefore: number;
}

type MakeProvider = (id: string, now: Settings, sole: boolean) => Promise<AiProvider>;

export function createComposer({
  registry,
  metrics,
  status,
  middleware,
  clock,
  log,
  fleet,
}: ComposerOptions): Composer {
  const guards = new Map<string, GuardOfEntry>();

  /** What is remembered of a provider's failures. It belongs to the entry: another key or address begins anew. */
  function guardOf(entry: ProviderEntry): Guard {
    const known = guards.get(entry.id);
    if (known !== undefined && isDeepStrictEqual(known.entry, entry)) return known.guard;
    known?.guard.dispose();
    const guard = createGuard({
      id: entry.id,
      clock,
      log,
      random: Math.random,
      fleet: () => fleet(entry),
      onFoundWell: () => status.foundWell(entry.id),
    });
    guards.set(entry.id, { entry, guard, retriedBefore: retriesOf(known) });
    return guard;
  }

  function forget(id: string): void {
    const known = guards.get(id);
    known?.guard.dispose();
    if (known !== undefined) guards.set(id, { ...known, entry: undefined });
  }

  registry.onChange(({ id }) => {
    if (!isDeepStrictEqual(guards.get(id)?.entry, registry.entry(id))) forget(id);
  });

  /** Outermost first; each takes a provider and gives one back. */
  async function one(id: string, now: Settings, sole: boolean): Promise<AiProvider> {
    const adapter = await registry.get(id);
    // As the adapter was made, whichever settings ask: what is remembered of it must not begin anew for those of yesterday.
    const entry = registry.entry(id) ?? entryOf(id, now);
    const wrappers: readonly ((provider: AiProvider) => AiProvider)[] = [
      (provider) => middleware.observe(provider, entry.kind),
      metrics.measure,
      status.watch,
      (provider) => guardOf(entry).wrap(provider, guardPlan(now, entry, sole)),
    ];
    return wrappers.reduceRight((provider, wrap) => wrap(provider), adapter);
  }

  /**
   * The first of the list that can be made, with the others behind it. They are made when they are needed: the offline
   * engine as a fallback would index the workspace for nothing.
   */
  async function list(
    all: readonly string[],
    now: Settings,
    share: ShareAnswers,
    make: MakeProvider = one,
  ): Promise<StreamingProvider> {
    const ids = [...new Set(all)];
    const makers = ids.map((id) => () => make(id, now, ids.length === 1));
    let failure: unknown;
    for (const [index, maker] of makers.entries()) {
      try {
        const first = await maker();
        return share(withFallback([first, ...makers.slice(index + 1)]), entryOf(first.name, now));
      } catch (error) {
        failure ??= error;
        const isUnable = error instanceof AiError && error.kind === 'unsupported';
        if (!isUnable) log.warn('A provider could not be made.', { error: String(error) });
      }
    }
    throw failure;
  }

  /** One that cannot chat is not asked to: its refusal would count as its failure, and show as one. */
  async function chatting(id: string, now: Settings, sole: boolean): Promise<AiProvider> {
    const provider = await one(id, now, sole);
    if (!provider.capabilities.chat) throw new AiError('unsupported', id, `"${id}" cannot chat.`);
    return provider;
  }

  return {
    one,
    forget,
    list: (ids, now, share) => list(ids, now, share),
    chatList: (ids, now, share) => list(ids, now, share, chatting),
    guard(id) {
      const known = guards.get(id);
      return known?.entry === undefined ? undefined : known.guard;
    },
    retries: (id) => retriesOf(guards.get(id)),
  };
}

function retriesOf(known: GuardOfEntry | undefined): number {
  return known === undefined ? 0 : known.retriedBefore + known.guard.retries();
}

function entryOf(id: string, now: Settings): ProviderEntry {
  return now.providers[id] ?? { id, kind: id };
}

function guardPlan({ completion, chat, resilience }: Settings, entry: ProviderEntry, sole: boolean): GuardPlan {
  const within = (limit: number) => Math.min(limit, entry.timeout ?? limit);
  return {
    totals: {
      automatic: within(completion.timeout),
      explicit: within(completion.manualTimeout),
      chat: within(chat.timeout),
    },
    retry: {
      retries: resilience.retries,
      baseDelay: resilience.retryBaseDelay,
      maxDelay: resilience.retryMaxDelay,
    },
    limits: resilience,
    breaker: resilience.breaker,
    sole,
  };
}
