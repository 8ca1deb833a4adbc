/** One rate limit for all processes of a team: counted on the Redis or Valkey server, by its clock. */
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock } from '../domain/ports.ts';
import type { RedisLink } from './redis-link.ts';

export interface RedisLimitsOptions {
  readonly link: RedisLink;
  readonly clock: Clock;
  /** The name of this process among the others. */
  readonly member: string;
}

/** What a call waits for the server at most (milliseconds). */
const BUDGET = 20;
/** Milliseconds for a message nobody waits for. */
const TELL_LIMIT = 200;
/** Where there is only the provider's own limit to hear of, it is asked for this often (milliseconds). */
const LISTEN = 1_000;
/** A longer wait is asked for again: nobody is kept waiting for an hour by one message (milliseconds). */
const LONGEST_PEACE = 60_000;
/** In microseconds, which is what the server's clock counts. */
const MINUTE = 60_000_000;

/**
 * The generic cell rate algorithm: `arrival` is when the next call would come at the exact rate, and one may come a burst
 * before that. Gives the microseconds to wait, 0 for a call that was counted, and how many processes there are.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZADD', KEYS[3], now, ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ${MINUTE})
redis.call('PEXPIRE', KEYS[3], ${MINUTE / 1000})
local processes = redis.call('ZCARD', KEYS[3])
local peace = tonumber(redis.call('GET', KEYS[2]) or '0')
if peace > now then return { peace - now, processes } end
local interval = tonumber(ARGV[1])
if interval == 0 then return { 0, processes } end
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
if arrival - ARGV[2] > now then return { arrival - ARGV[2] - now, processes } end
arrival = arrival + interval
redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX', math.ceil((arrival - now) / 1000))
return { 0, processes }`;

const TELL = `
local time = redis.call('TIME')
local peace = time[1] * 1000000 + time[2] + ARGV[1] * 1000
if peace > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%.0f', peace), 'PX', ARGV[1])
end`;

/** `account` names a provider's account to the whole team, and tells nobody else which it is. */
export function createRedisLimits({ link, clock, member }: RedisLimitsOptions): (account: string) => FleetLimits {
  return (account) => {
    // In braces, so that a cluster keeps them together.
    const place = `inkling:1:limit:{${account}}:`;
    const [arrival, peace, members] = [`${place}arrival`, `${place}peace`, `${place}members`];
    let processes = 1;
    /** Monotonic milliseconds. */
    let peaceUntil = 0;
    let listenAt = 0;

    async function ask(interval: number): Promise<number | undefined> {
      const values = [Math.round(interval), Math.round(interval === 0 ? 0 : MINUTE - interval), member];
      const answer = await link.write(BUDGET, (connection) => connection.run(TAKE, [arrival, peace, members], values));
      if (!isPair(answer?.reply)) return undefined;
      const [wait, known] = answer.reply;
      processes = Math.max(1, known);
      return wait / 1000;
    }

    return {
      async take(requestsPerMinute) {
        if (requestsPerMinute !== null) return ask(MINUTE / requestsPerMinute);
        if (clock.now() >= listenAt) {
          listenAt = clock.now() + LISTEN;
          const wait = await ask(0);
          if (wait !== undefined) peaceUntil = clock.now() + wait;
        }
        return Math.max(0, peaceUntil - clock.now());
      },
      tell(milliseconds) {
        const length = Math.min(LONGEST_PEACE, Math.ceil(milliseconds));
        if (length > 0) void link.write(TELL_LIMIT, (connection) => connection.run(TELL, [peace], [length]));
      },
      get processes() {
        return processes;
      },
    };
  };
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number');
}
