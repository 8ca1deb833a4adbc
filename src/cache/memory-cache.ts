/** Answers kept in this process: the most recently used ones, up to a number, a size and an age. */
import QuickLRU from 'quick-lru';
import type { Clock } from '../domain/ports.ts';
import { bytesOf, type CachedAnswer } from './cached-answer.ts';

export interface MemoryCacheOptions {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Milliseconds. */
  readonly ttl: number;
  readonly clock: Clock;
}

export interface MemoryCacheStats {
  readonly entries: number;
  readonly bytes: number;
  /** Left out to make room. */
  readonly evictions: number;
  /** Found too old. */
  readonly expired: number;
}

export interface MemoryCache {
  get(key: string): CachedAnswer | undefined;
  /** `age`: milliseconds since the answer was given, where it was not now. One that is larger than the cache is not kept. */
  set(key: string, answer: CachedAnswer, age?: number): void;
  clear(): void;
  stats(): MemoryCacheStats;
}

interface Entry {
  readonly answer: CachedAnswer;
  readonly bytes: number;
  /** Monotonic milliseconds. */
  readonly until: number;
}

export function createMemoryCache({ maxEntries, maxBytes, ttl, clock }: MemoryCacheOptions): MemoryCache {
  let entries = 0;
  let bytes = 0;
  let evictions = 0;
  let expired = 0;
  // The library's own age limit reads the wall clock, and its own size limit is exceeded up to twice: both are kept here.
  const kept = new QuickLRU<string, Entry>({
    maxSize: maxEntries,
    onEviction(_key, entry) {
      evictions += 1;
      subtract(entry);
    },
  });

  function subtract(entry: Entry): void {
    entries -= 1;
    bytes -= entry.bytes;
  }

  function remove(key: string): void {
    const entry = kept.peek(key);
    if (entry === undefined) return;
    kept.delete(key);
    subtract(entry);
  }

  function makeRoom(): void {
    if (entries <= maxEntries && bytes <= maxBytes) return;
    // One by one: the library's own eviction copies everything that is kept, for each answer that comes to a full cache.
    for (const [key] of kept.entriesAscending()) {
      remove(key);
      evictions += 1;
      if (entries <= maxEntries && bytes <= maxBytes) return;
    }
  }

  return {
    get(key) {
      const entry = kept.get(key);
      if (entry === undefined) return undefined;
      if (clock.now() < entry.until) return entry.answer;
      expired += 1;
      remove(key);
      return undefined;
    },
    set(key, answer, age = 0) {
      remove(key);
      const entry = { answer, bytes: bytesOf(answer), until: clock.now() + ttl - age };
      if (entry.bytes > maxBytes || age >= ttl) return;
      entries += 1;
      bytes += entry.bytes;
      kept.set(key, entry);
      makeRoom();
    },
    clear() {
      kept.clear();
      entries = 0;
      bytes = 0;
    },
    stats: () => ({ entries, bytes, evictions, expired }),
  };
}
