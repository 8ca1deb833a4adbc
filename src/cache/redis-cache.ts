/** Answers that a team shares on a Redis or Valkey server. */
import type { Clock } from '../domain/ports.ts';
import { type CachedAnswer, isCachedAnswer } from './cached-answer.ts';
import type { RedisLink } from './redis-link.ts';
import type { SharedAnswer, SharedCache } from './response-cache.ts';
import type { Seal } from './seal.ts';

export interface RedisCacheOptions {
  readonly link: RedisLink;
  readonly seal: Seal;
  /** Milliseconds. */
  readonly ttl: number;
  readonly clock: Clock;
}

/** What a request waits for the shared cache at most (milliseconds): a fifth of what anybody would notice. */
const READ_BUDGET = 20;
/** Milliseconds for a write, for which nobody waits. */
const WRITE_LIMIT = 200;
/** How often it is looked whether the process that asks the same has its answer. */
const LOOK_AGAIN = 5;
/** For how long a process is believed to be asking (milliseconds). */
const CLAIM = 3_000;
/** The largest entry that is written, in bytes; what is cut off there in reading is no longer what was sealed. */
const LARGEST = 524_288;

const NAMESPACE = 'inkling:1:answer:';

export function createRedisCache({ link, seal, ttl, clock }: RedisCacheOptions): SharedCache {
  const counts = { hits: 0, rejected: 0 };
  /** Unix milliseconds. */
  let forgotten = Number.NEGATIVE_INFINITY;

  async function read(place: string, until: number): Promise<Found> {
    const found = await link.read(until - clock.now(), (connection) => connection.read(place, LARGEST));
    if (found === undefined) return 'failed';
    if (found.reply.length === 0) return 'absent';
    const entry = understood(seal.open(place, found.reply));
    if (entry === undefined) {
      counts.rejected += 1;
      return 'absent';
    }
    // Clocks differ: what seems to come from the future is new.
    const age = Math.max(0, clock.wallClock() - entry.at);
    return age < ttl && entry.at > forgotten ? { answer: entry.answer, age } : 'absent';
  }

  /** True when another process is asking the same at this moment. */
  async function isAskedElsewhere(place: string, until: number): Promise<boolean> {
    const claimed = await link.write(until - clock.now(), (connection) => connection.claim(`${place}:asked`, CLAIM));
    return claimed?.reply === false;
  }

  async function find(place: string): Promise<Found> {
    const until = clock.now() + READ_BUDGET;
    let found = await read(place, until);
    if (found !== 'absent' || !(await isAskedElsewhere(place, until))) return found;
    while (found === 'absent' && clock.now() + LOOK_AGAIN < until) {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, LOOK_AGAIN));
      found = await read(place, until);
    }
    return found;
  }

  return {
    warmUp: () => link.warmUp(),
    async get(key) {
      const found = await find(NAMESPACE + key);
      if (found === 'absent' || found === 'failed') return undefined;
      counts.hits += 1;
      return found;
    },
    set(key, answer) {
      if (link.state === 'down') return;
      const place = NAMESPACE + key;
      const sealed = seal.seal(place, JSON.stringify({ answer, at: clock.wallClock() } satisfies Entry));
      if (sealed.length > LARGEST) return;
      // Nobody waits for it, and it does not reject.
      void link.write(WRITE_LIMIT, (connection) => connection.write(place, sealed, ttl));
    },
    forget() {
      forgotten = clock.wallClock();
    },
    stats: () => ({ state: link.state, ...counts, failures: link.failures }),
    dispose: () => link.dispose(),
  };
}

type Found = SharedAnswer | 'absent' | 'failed';

interface Entry {
  readonly answer: CachedAnswer;
  /** Unix milliseconds. */
  readonly at: number;
}

function understood(text: string | undefined): Entry | undefined {
  if (text === undefined) return undefined;
  try {
    const { answer, at } = JSON.parse(text) as Partial<Record<keyof Entry, unknown>>;
    return isCachedAnswer(answer) && typeof at === 'number' ? { answer, at } : undefined;
  } catch {
    return undefined;
  }
}
