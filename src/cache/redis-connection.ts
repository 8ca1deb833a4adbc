/** The connection to a Redis or Valkey server: the few commands used, and nothing that waits, queues or tries again. */
import type { ConnectionOptions } from 'node:tls';
import { loadRedisClient } from './load-redis-client.ts';
import type { RedisAddress } from './redis-address.ts';

export interface RedisConnection {
  /** False while a command would only fail. */
  readonly isReady: boolean;
  /** The first `most` bytes; none where there is nothing. */
  read(key: string, most: number): Promise<Uint8Array>;
  /** Lifetimes are milliseconds. */
  write(key: string, value: Buffer | string, lifetime: number): Promise<void>;
  /** False where it is there already. */
  claim(key: string, lifetime: number): Promise<boolean>;
  /** Runs a Lua script, which the server keeps after the first time. */
  run(script: string, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown>;
  close(): void;
}

export interface RedisConnectionOptions {
  /** PEM of authorities to trust beside the built-in ones. */
  readonly authorities?: readonly string[] | undefined;
  onReady(): void;
  /** Also for each failed try to connect again. */
  onLost(why: string): void;
}

/** Milliseconds for one command. A frozen server keeps its connection, so that every command needs a limit of its own. */
const COMMAND_LIMIT = 100;
const CONNECT_LIMIT = 2_000;
const LONGEST_PAUSE = 10_000;

/** Throws where the package `ioredis` is not installed; a server that cannot be reached is tried again in the background. */
export function connectRedis(
  address: RedisAddress,
  { authorities, onReady, onLost }: RedisConnectionOptions,
): RedisConnection {
  const { Cluster, Redis } = loadRedisClient();
  const { username, password, database: db, nodes } = address;
  // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 in a user's shell must not switch off what guards the password.
  const tls: ConnectionOptions = { rejectUnauthorized: true, ...(authorities && { ca: [...authorities] }) };
  const options = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(address.tls && { tls }),
    protocol: 2 as const,
    connectTimeout: CONNECT_LIMIT,
    commandTimeout: COMMAND_LIMIT,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
  };
  const [first = { host: 'localhost', port: 6379 }] = nodes;
  const client = address.cluster
    ? new Cluster([...nodes], {
        redisOptions: options,
        enableOfflineQueue: false,
        clusterRetryStrategy: pauseBefore,
        slotsRefreshTimeout: CONNECT_LIMIT,
        retryDelayOnFailover: 0,
        retryDelayOnClusterDown: 0,
        maxRedirections: 3,
        // A certificate names hosts: they are not to be turned into addresses before it is checked.
        ...(address.tls && { dnsLookup: (host, done) => done(null, host) }),
      })
    : new Redis({ ...options, ...first, db, enableOfflineQueue: false, retryStrategy: pauseBefore });
  client.on('ready', onReady);
  client.on('error', (error: Error) => onLost(error.message));
  client.on('close', () => onLost('the connection was closed'));

  return {
    get isReady() {
      return client.status === 'ready';
    },
    read: (key, most) => client.getrangeBuffer(key, 0, most - 1),
    async write(key, value, lifetime) {
      await client.set(key, value, 'PX', lifetime);
    },
    claim: async (key, lifetime) => (await client.set(key, '1', 'PX', lifetime, 'NX')) === 'OK',
    async run(script, keys, values) {
      const digest = process.getBuiltinModule('node:crypto').createHash('sha1').update(script).digest('hex');
      try {
        return await client.evalsha(digest, keys.length, ...keys, ...values);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return client.eval(script, keys.length, ...keys, ...values);
      }
    },
    close: () => client.disconnect(),
  };
}

/** Milliseconds before the next try to connect; the jitter keeps a hundred editors from coming back in one moment. */
function pauseBefore(attempt: number): number {
  const bound = Math.min(LONGEST_PAUSE, 250 * 2 ** Math.min(attempt, 10));
  return bound / 2 + Math.random() * (bound / 2);
}
