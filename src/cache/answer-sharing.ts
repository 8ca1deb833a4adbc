/** What stands outermost around the providers: answers are given again, and identical calls under way become one. */
import { isDeepStrictEqual } from 'node:util';
import type { StreamingProvider } from '../domain/ai-provider.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock, Log, SecretSource } from '../domain/ports.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { createJoiner } from './join-in-flight.ts';
import { createAnswerKeys } from './key.ts';
import { createMemoryCache } from './memory-cache.ts';
import { openSharedCache, type SharedCacheSettings } from './open-shared-cache.ts';
import { type CacheStats, createResponseCache } from './response-cache.ts';
import { withCache } from './with-cache.ts';

export interface SharingSettings extends SharedCacheSettings {
  readonly enabled: boolean;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

export interface SharingStats extends CacheStats {
  /** Calls that found an identical one under way. */
  readonly joined: number;
}

/**
 * The calls of one list of providers: `entry` is that of the first, whose answers alone are kept. Calls of different lists
 * are never joined, because they fail differently.
 */
export type ShareAnswers = (provider: StreamingProvider, entry: ProviderEntry) => StreamingProvider;

/** One for the process: what is kept outlives every change of other settings. */
export interface AnswerSharing {
  /** What is kept is forgotten where the settings are others; what is under way ends under the old ones. */
  configure(settings: SharingSettings): void;
  /** Connects to what is shared, in the background. */
  warmUp(): void;
  /** For one list of providers under the settings in force. */
  forList(): ShareAnswers;
  /** `undefined` where nothing is shared. `account` tells one account at a provider from all others; it may hold the key. */
  limits(entry: ProviderEntry, account: () => string): FleetLimits | undefined;
  clear(): void;
  stats(): SharingStats;
  dispose(): void;
}

export interface AnswerSharingOptions {
  /** Of the program. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: SecretSource;
}

export function createAnswerSharing(options: AnswerSharingOptions, first: SharingSettings): AnswerSharing {
  const { version, clock } = options;
  let ownSecret: Uint8Array | undefined;
  let settings = first;
  let opened = open(first);
  let joined = 0;

  function open(now: SharingSettings) {
    const shared = now.enabled ? openSharedCache(now, options) : undefined;
    const memory = createMemoryCache({ ...now, clock });
    return {
      cache: createResponseCache({ memory, shared: shared?.cache, clock }),
      shared,
      limits: new WeakMap<ProviderEntry, FleetLimits>(),
    };
  }

  function limits(entry: ProviderEntry, account: () => string): FleetLimits | undefined {
    const { shared, limits: known } = opened;
    if (shared === undefined) return undefined;
    const found = known.get(entry) ?? shared.limits(account());
    known.set(entry, found);
    return found;
  }

  return {
    configure(now) {
      if (isDeepStrictEqual(now, settings)) return;
      settings = now;
      opened.cache.dispose();
      opened = open(now);
    },
    warmUp: () => opened.cache.warmUp(),
    forList() {
      const joiner = createJoiner(() => {
        joined += 1;
      });
      const { enabled } = settings;
      const { cache, shared } = opened;
      return (provider, entry) => {
        ownSecret ??= process.getBuiltinModule('node:crypto').randomBytes(32);
        const keys = createAnswerKeys({ secret: shared?.naming ?? ownSecret, version, entry, model: provider.model });
        const joining = joiner.join(provider, keys);
        return enabled ? withCache(joining, keys, cache) : joining;
      };
    },
    limits,
    clear: () => opened.cache.clear(),
    stats: () => ({ ...opened.cache.stats(), joined }),
    dispose: () => opened.cache.dispose(),
  };
}
