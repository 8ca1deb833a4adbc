/** What stands outermost around the providers: answers are given again, and identical calls under way become one. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { StreamingProvider } from '../domain/ai-provider.ts';
import type { Clock } from '../domain/ports.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { createJoiner } from './join-in-flight.ts';
import { createAnswerKeys } from './key.ts';
import { createMemoryCache } from './memory-cache.ts';
import { type AiResponseCache, type CacheStats, createResponseCache } from './response-cache.ts';
import { withCache } from './with-cache.ts';

export interface SharingSettings {
  readonly enabled: boolean;
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Milliseconds. */
  readonly ttl: number;
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
  /** For one list of providers under the settings in force. */
  forList(): ShareAnswers;
  clear(): void;
  stats(): SharingStats;
  dispose(): void;
}

export interface AnswerSharingOptions {
  /** Of the program. */
  readonly version: string;
  readonly clock: Clock;
}

export function createAnswerSharing({ version, clock }: AnswerSharingOptions, first: SharingSettings): AnswerSharing {
  const secret = randomBytes(32);
  let settings = first;
  let cache = open(first);
  let joined = 0;

  function open(now: SharingSettings): AiResponseCache {
    return createResponseCache({ memory: createMemoryCache({ ...now, clock }), clock });
  }

  return {
    configure(now) {
      if (isDeepStrictEqual(now, settings)) return;
      settings = now;
      cache.dispose();
      cache = open(now);
    },
    forList() {
      const joiner = createJoiner(() => {
        joined += 1;
      });
      const [{ enabled }, now] = [settings, cache];
      return (provider, entry) => {
        const keys = createAnswerKeys({ secret, version, entry, model: provider.model });
        const joining = joiner.join(provider, keys);
        return enabled ? withCache(joining, keys, now) : joining;
      };
    },
    clear: () => cache.clear(),
    stats: () => ({ ...cache.stats(), joined }),
    dispose: () => cache.dispose(),
  };
}
