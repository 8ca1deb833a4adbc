/** Answers that a team shares on a Redis or Valkey server. Everything about it may fail, and nobody has to notice. */
import type { Clock, Log } from '../domain/ports.ts';
import { type Availability, createAvailability } from './availability.ts';
import { type CachedAnswer, isCachedAnswer } from './cached-answer.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { SharedAnswer, SharedCache } from './response-cache.ts';
import type { Seal } from './seal.ts';

export interface RedisCacheOptions {
  readonly seal: Seal;
  /** Milliseconds. */
  readonly ttl: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Called on first use; the listeners are called whenever the connection comes or goes. */
  connect(listeners: {
    readonly onReady: () => void;
    readonly onLost: (why: string) => void;
  }): Promise<RedisConnection>;
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

export function createRedisCache({ seal, ttl, clock, log, connect }: RedisCacheOptions): SharedCache {
  const counts = { hits: 0, rejected: 0, failures: 0 };
  /** `undefined` until the first try has ended. */
  let isConnected: boolean | undefined;
  let begun = false;
  let connection: RedisConnection | undefined;
  let forgotten = Number.NEGATIVE_INFINITY;
  let disposed = false;
  let readable = true;
  const reads = createAvailability(clock, (down) => {
    readable = down === undefined;
    tell(down, 'The shared cache answers again.', 'The shared cache is left alone, requests go on without it.');
  });
  const writes = createAvailability(clock, (down) =>
    tell(down, 'The shared cache can be written again.', 'The shared cache takes no answers; it is still read.'),
  );

  function tell(down: string | undefined, back: string, gone: string): void {
    if (disposed) return;
    if (down === undefined) log.info(back);
    else log.warn(gone, { reason: down });
  }

  /** Once for each change: a connection that is lost is tried for hours. */
  function connected(now: boolean, why?: string): void {
    if (isConnected === now) return;
    isConnected = now;
    tell(why, 'The shared cache is connected.', 'The shared cache cannot be reached, requests go on without it.');
  }

  function begin(): void {
    if (begun) return;
    begun = true;
    const onReady = () => {
      reads.reset();
      writes.reset();
      readable = true;
      connected(true);
    };
    connect({ onReady, onLost: (why) => connected(false, why) }).then(
      (made) => {
        if (disposed) made.close();
        else connection = made;
      },
      (error: unknown) => connected(false, reasonOf(error)),
    );
  }

  function readyConnection(): RedisConnection | undefined {
    begin();
    return connection?.isReady === true ? connection : undefined;
  }

  /** One command within what is left of the budget; a reply that comes later than that is of no use. */
  async function command<Reply>(
    availability: Availability,
    from: RedisConnection,
    run: () => Promise<Reply>,
    budget: number,
  ): Promise<{ readonly reply: Reply } | undefined> {
    try {
      const reply = await within(run(), budget, clock);
      availability.succeeded();
      return { reply };
    } catch (error) {
      counts.failures += 1;
      // It is there and answers: only what lies at this key is not ours.
      if (isWrongType(error)) availability.succeeded();
      // A lost connection is known of and said already.
      else if (from.isReady) availability.failed(reasonOf(error));
      return undefined;
    }
  }

  async function read(place: string, from: RedisConnection, until: number): Promise<Found> {
    const found = await command(reads, from, () => from.read(place, LARGEST), until - clock.now());
    if (found === undefined) return 'failed';
    if (found.reply.length === 0) return 'absent';
    const entry = understood(place, found.reply);
    if (entry === undefined) {
      counts.rejected += 1;
      return 'absent';
    }
    // Clocks differ: what seems to come from the future is new.
    const age = Math.max(0, clock.wallClock() - entry.at);
    return age < ttl && entry.at > forgotten ? { answer: entry.answer, age } : 'absent';
  }

  function understood(place: string, bytes: Uint8Array): Entry | undefined {
    const text = seal.open(place, bytes);
    return text === undefined ? undefined : parse(text);
  }

  /** True when another process is asking the same at this moment. */
  async function isAskedElsewhere(place: string, from: RedisConnection, until: number): Promise<boolean> {
    if (!writes.admits()) return false;
    const claimed = await command(writes, from, () => from.claim(`${place}:asked`, CLAIM), until - clock.now());
    return claimed?.reply === false;
  }

  async function find(place: string, from: RedisConnection): Promise<Found> {
    const until = clock.now() + READ_BUDGET;
    let found = await read(place, from, until);
    if (found !== 'absent' || !(await isAskedElsewhere(place, from, until))) return found;
    while (found === 'absent' && clock.now() + LOOK_AGAIN < until) {
      await pause(LOOK_AGAIN, clock);
      found = await read(place, from, until);
    }
    return found;
  }

  return {
    warmUp: begin,
    async get(key) {
      const from = readyConnection();
      if (from === undefined || !reads.admits()) return undefined;
      const found = await find(NAMESPACE + key, from);
      if (found === 'absent' || found === 'failed') return undefined;
      counts.hits += 1;
      return found;
    },
    set(key, answer) {
      const to = readyConnection();
      if (to === undefined || !readable) return;
      const place = NAMESPACE + key;
      const sealed = seal.seal(place, JSON.stringify({ answer, at: clock.wallClock() } satisfies Entry));
      // Nobody waits for it.
      if (sealed.length <= LARGEST && writes.admits()) {
        void command(writes, to, () => to.write(place, sealed, ttl), WRITE_LIMIT);
      }
    },
    forget() {
      forgotten = clock.wallClock();
    },
    stats: () => ({ state: connection?.isReady === true && readable ? 'up' : 'down', ...counts }),
    dispose() {
      disposed = true;
      connection?.close();
      connection = undefined;
    },
  };
}

type Found = SharedAnswer | 'absent' | 'failed';

interface Entry {
  readonly answer: CachedAnswer;
  /** Unix milliseconds. */
  readonly at: number;
}

function parse(text: string): Entry | undefined {
  try {
    const { answer, at } = JSON.parse(text) as Partial<Record<keyof Entry, unknown>>;
    return isCachedAnswer(answer) && typeof at === 'number' ? { answer, at } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Rejects when the budget is over. A process that was busy finds the timer before the reply that had come in time: one
 * more turn lets what is in the socket be read first.
 */
function within<Reply>(reply: Promise<Reply>, budget: number, clock: Clock): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => setImmediate(() => reject(new Error('it took too long'))), budget);
    reply.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}

function pause(milliseconds: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, milliseconds));
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE');
}

/** Errors of the server and of the network name commands and hosts, never values. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
