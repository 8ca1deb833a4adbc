/** One connection for everything a team shares, and the judgement whether asking is worth it: nobody pays twice for a dead server. */
import type { Clock, Log } from '../domain/ports.ts';
import { type Availability, createAvailability } from './availability.ts';
import type { RedisConnection } from './redis-connection.ts';

/** `undefined`: it failed, took longer than its budget, or was not tried because it would have. */
export type Replied<Reply> = { readonly reply: Reply } | undefined;

export interface RedisLink {
  /** Connects in the background; the first command does so too. */
  warmUp(): void;
  /** Never rejects, and takes at most `budget` milliseconds. */
  read<Reply>(budget: number, run: (connection: RedisConnection) => Promise<Reply>): Promise<Replied<Reply>>;
  /** Likewise. Judged apart: a server that is full or a replica can still be read. */
  write<Reply>(budget: number, run: (connection: RedisConnection) => Promise<Reply>): Promise<Replied<Reply>>;
  readonly state: 'up' | 'down';
  /** Commands that failed or took too long. */
  readonly failures: number;
  dispose(): void;
}

export interface RedisLinkOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Called once, on first use; the listeners are called whenever the connection comes or goes. */
  connect(listeners: {
    readonly onReady: () => void;
    readonly onLost: (why: string) => void;
  }): Promise<RedisConnection>;
}

const TOO_LONG = 'it took too long';

export function createRedisLink({ clock, log, connect }: RedisLinkOptions): RedisLink {
  let connection: RedisConnection | undefined;
  /** `undefined` until the first try has ended. */
  let isConnected: boolean | undefined;
  let begun = false;
  let disposed = false;
  let isReadable = true;
  let failures = 0;
  const reads = createAvailability(clock, (down) => {
    isReadable = down === undefined;
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
      isReadable = true;
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

  async function command<Reply>(
    availability: Availability,
    budget: number,
    run: (connection: RedisConnection) => Promise<Reply>,
  ): Promise<Replied<Reply>> {
    begin();
    const to = connection;
    if (to?.isReady !== true || !availability.admits()) return undefined;
    try {
      const reply = await within(budget, run(to), clock);
      availability.succeeded();
      return { reply };
    } catch (error) {
      failures += 1;
      judge(availability, to, error);
      return undefined;
    }
  }

  function judge(availability: Availability, to: RedisConnection, error: unknown): void {
    const why = reasonOf(error);
    // It is there and answers: only what lies at this key is not ours.
    if (why.startsWith('WRONGTYPE')) availability.succeeded();
    // A lost connection is known of and said already.
    else if (to.isReady) availability.failed(why);
    // Who hangs at a write hangs at a read.
    if (why === TOO_LONG && availability !== reads) reads.failed(why);
  }

  return {
    warmUp: begin,
    read: (budget, run) => command(reads, budget, run),
    write: async (budget, run) => (isReadable ? command(writes, budget, run) : undefined),
    get state() {
      return connection?.isReady === true && isReadable ? 'up' : 'down';
    },
    get failures() {
      return failures;
    },
    dispose() {
      disposed = true;
      connection?.close();
      connection = undefined;
    },
  };
}

/**
 * Rejects when the budget is over. A process that was busy finds the timer before the reply that had come in time: one
 * more turn lets what is in the socket be read first.
 */
function within<Reply>(budget: number, reply: Promise<Reply>, clock: Clock): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => setImmediate(() => reject(new Error(TOO_LONG))), budget);
    reply.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}

/** Errors of the server and of the network name commands and hosts, never values. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
