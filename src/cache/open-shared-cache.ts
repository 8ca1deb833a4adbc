/**
 * From the settings to the cache a team shares, or to one sentence in the log that says why there is none. What of Node it
 * needs is named where it is used: most processes share nothing, and start without it.
 */
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock, Log, SecretSource } from '../domain/ports.ts';
import { parseRedisAddress } from './redis-address.ts';
import { createRedisCache } from './redis-cache.ts';
import { connectRedis, type RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { createRedisLimits } from './redis-limits.ts';
import { createRedisLink } from './redis-link.ts';
import type { SharedCache } from './response-cache.ts';
import { createSeal } from './seal.ts';
import { SHORTEST_TEAM_KEY, teamKeys } from './team-key.ts';

/** The value itself, or the environment variable that holds it. */
export type ValueSource = string | { readonly env: string };

export interface SharedCacheSettings {
  readonly redisUrl: ValueSource | null;
  readonly teamKey: ValueSource | null;
  /** Milliseconds. */
  readonly ttl: number;
  /** A PEM file of further authorities. */
  readonly caFile: string | null;
}

export interface SharedCacheDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: SecretSource;
}

export interface OpenedSharedCache {
  readonly cache: SharedCache;
  /** The secret by which the whole team gives the same question the same key. */
  readonly naming: Uint8Array;
  /** `account`: anything that tells one account at a provider from all others; it may hold the key. */
  limits(account: string): FleetLimits;
}

/** `undefined` where none is configured, or not completely. Nothing is connected yet. */
export function openSharedCache(
  settings: SharedCacheSettings,
  dependencies: SharedCacheDependencies,
): OpenedSharedCache | undefined {
  if (settings.redisUrl === null) return undefined;
  try {
    return open(settings, settings.redisUrl, dependencies);
  } catch (error) {
    dependencies.log.warn('There is no shared cache.', { reason: error instanceof Error ? error.message : error });
    return undefined;
  }
}

function open(
  { teamKey, ttl, caFile }: SharedCacheSettings,
  redisUrl: ValueSource,
  { clock, log, secrets }: SharedCacheDependencies,
): OpenedSharedCache {
  const address = parseRedisAddress(readSource(redisUrl, 'cache.redisUrl', secrets));
  if (address === undefined) throw new Error('cache.redisUrl is not the address of a Redis or Valkey server.');
  if (teamKey === null) throw new Error('cache.redisUrl needs cache.teamKey: answers are stored sealed or not at all.');
  const secret = readSource(teamKey, 'cache.teamKey', secrets);
  if (secret.length < SHORTEST_TEAM_KEY) {
    throw new Error(`cache.teamKey needs at least ${SHORTEST_TEAM_KEY} random characters.`);
  }
  const { naming, sealing } = teamKeys(secret);
  const connect = async (listeners: Pick<RedisConnectionOptions, 'onReady' | 'onLost'>): Promise<RedisConnection> => {
    const authorities = address.tls && caFile !== null ? await authoritiesWith(caFile) : undefined;
    try {
      return connectRedis(address, { ...listeners, authorities });
    } catch (error) {
      throw explained(error);
    }
  };
  const link = createRedisLink({ clock, log, connect });
  const { createHmac, randomUUID } = process.getBuiltinModule('node:crypto');
  const limits = createRedisLimits({ link, clock, member: randomUUID() });
  return {
    naming,
    cache: createRedisCache({ link, seal: createSeal(sealing), ttl, clock }),
    // By its HMAC: what names an account holds its key.
    limits: (account) => limits(createHmac('sha256', naming).update(account).digest('base64url')),
  };
}

function readSource(source: ValueSource, setting: string, secrets: SecretSource): string {
  if (typeof source === 'string') return source;
  const value = secrets.environment(source.env)?.trim();
  if (value) return value;
  throw new Error(`The environment variable ${source.env}, which ${setting} names, is not set.`);
}

async function authoritiesWith(caFile: string): Promise<readonly string[]> {
  const { rootCertificates } = process.getBuiltinModule('node:tls');
  return [...rootCertificates, await process.getBuiltinModule('node:fs/promises').readFile(caFile, 'utf8')];
}

function explained(error: unknown): unknown {
  const isMissing = error instanceof Error && 'code' in error && /MODULE_NOT_FOUND$/.test(String(error.code));
  if (!isMissing) return error;
  return new Error('the package "ioredis" is not installed. Install it where Inkling is: npm install -g ioredis@6');
}
