/** The cache of answers as its users see it: asked by key, answering from memory, or from what a team shares, or not at all. */
import type { Clock } from '../domain/ports.ts';
import { createHistogram } from '../util/histogram.ts';
import type { CachedAnswer } from './cached-answer.ts';
import type { MemoryCache, MemoryCacheStats } from './memory-cache.ts';

export interface CacheStats extends MemoryCacheStats {
  /** Answered without asking a provider. */
  readonly hits: number;
  readonly misses: number;
  /** Milliseconds; `null` before the first hit. */
  readonly hitLatency: { readonly p50: number | null; readonly p95: number | null };
  /** `null` where nothing is shared. */
  readonly shared: SharedCacheStats | null;
}

export interface SharedCacheStats {
  readonly state: 'up' | 'down';
  /** Those of the hits that others had asked for, or this process before it was restarted. */
  readonly hits: number;
  /** Entries nobody of the team had written, or that were damaged. */
  readonly rejected: number;
  /** Commands that failed or took too long. */
  readonly failures: number;
}

export interface SharedAnswer {
  readonly answer: CachedAnswer;
  /** Milliseconds since it was given. */
  readonly age: number;
}

/** What a team shares. Neither a failure nor slowness of it is ever its user's. */
export interface SharedCache {
  /** Connects in the background, before anything is asked. */
  warmUp(): void;
  /** Never rejects; resolves within its own small budget. */
  get(key: string): Promise<SharedAnswer | undefined>;
  /** Returns at once. */
  set(key: string, answer: CachedAnswer): void;
  /** What was written until now counts as absent, for this process. */
  forget(): void;
  stats(): SharedCacheStats;
  dispose(): void;
}

export interface AiResponseCache {
  warmUp(): void;
  /** Never rejects. */
  get(key: string): Promise<CachedAnswer | undefined>;
  set(key: string, answer: CachedAnswer): void;
  clear(): void;
  stats(): CacheStats;
  dispose(): void;
}

export interface ResponseCacheOptions {
  readonly memory: MemoryCache;
  readonly shared?: SharedCache | undefined;
  readonly clock: Clock;
}

export function createResponseCache({ memory, shared, clock }: ResponseCacheOptions): AiResponseCache {
  const latency = createHistogram();
  let hits = 0;
  let misses = 0;

  async function fetchShared(key: string): Promise<CachedAnswer | undefined> {
    const found = await shared?.get(key);
    if (found === undefined) return undefined;
    memory.set(key, found.answer, found.age);
    return found.answer;
  }

  return {
    warmUp: () => shared?.warmUp(),
    async get(key) {
      const started = clock.now();
      const answer = memory.get(key) ?? (await fetchShared(key));
      if (answer === undefined) misses += 1;
      else {
        hits += 1;
        latency.record(clock.now() - started);
      }
      return answer;
    },
    set(key, answer) {
      memory.set(key, answer);
      shared?.set(key, answer);
    },
    clear() {
      memory.clear();
      shared?.forget();
    },
    stats: () => ({
      ...memory.stats(),
      hits,
      misses,
      hitLatency: { p50: latency.quantile(0.5), p95: latency.quantile(0.95) },
      shared: shared?.stats() ?? null,
    }),
    dispose: () => shared?.dispose(),
  };
}
