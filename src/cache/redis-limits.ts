/** What all processes of a team keep together: one rate limit, counted on the Redis or Valkey server by its clock, and open circuits. */
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
/** What is told holds for no longer: nobody is kept waiting for an hour by one message (milliseconds). */
const LONGEST_WORD = 60_000;
/** In microseconds, which is what the server's clock counts. */
const MINUTE = 60_000_000;

/** The most that a minute may be set to hold; older starts are of no interest to anybody. */
const MOST = 10_000;

/**
 * The sliding window log, as each process keeps it for itself: the times of the last starts, the newest first. The next may
 * come when the one so many places back is a minute old, so that no minute holds more. Gives the microseconds to wait, 0 for
 * a call that was counted, how many processes there are, until when a circuit is open and for how many microseconds that is.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZADD', KEYS[3], now, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ${MINUTE})
redis.call('PEXPIRE', KEYS[3], ${MINUTE / 1000})
local processes = redis.call('ZCARD', KEYS[3])
local open = tonumber(redis.call('GET', KEYS[4]) or '0')
local function answer(wait) return { wait, processes, open, math.max(0, open - now) } end
local peace = tonumber(redis.call('GET', KEYS[2]) or '0')
if peace > now then return answer(peace - now) end
local most = tonumber(ARGV[1])
if most == 0 then return answer(0) end
local leaving = tonumber(redis.call('LINDEX', KEYS[1], most - 1) or '0') + ${MINUTE}
if leaving > now then return answer(leaving - now) end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('LTRIM', KEYS[1], 0, ${MOST - 1})
redis.call('PEXPIRE', KEYS[1], ${MINUTE / 1000 + 1})
return answer(0)`;

/** Keeps the time that is so many milliseconds ahead, where no later one is kept. */
const TELL = `
local time = redis.call('TIME')
local till = time[1] * 1000000 + time[2] + ARGV[1] * 1000
if till > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%.0f', till), 'PX', ARGV[1])
end`;

/** `account` names a provider's account to the whole team, and tells nobody else which it is. */
export function createRedisLimits({ link, clock, member }: RedisLimitsOptions): (account: string) => FleetLimits {
  return (account) => {
    // In braces, so that a cluster keeps them together.
    const place = `inkling:1:limit:{${account}}:`;
    const [starts, peace, members, open] = [`${place}starts`, `${place}peace`, `${place}members`, `${place}open`];
    const keys = [starts, peace, members, open];
    let processes = 1;
    let word = { of: 0, until: 0 };
    /** Monotonic milliseconds. */
    let peaceUntil = 0;
    let listenAt = 0;

    /** `most`: calls a minute, 0 where only the provider sets a limit. */
    async function ask(most: number): Promise<number | undefined> {
      const values = [most, member];
      const answer = await link.write(BUDGET, (connection) => connection.run(TAKE, keys, values));
      if (!areNumbers(answer?.reply)) return undefined;
      const [wait = 0, known = 1, openUntil = 0, openFor = 0] = answer.reply;
      processes = Math.max(1, known);
      word = { of: openUntil, until: clock.now() + openFor / 1000 };
      return wait / 1000;
    }

    function tell(place: string, milliseconds: number): void {
      const length = Math.min(LONGEST_WORD, Math.ceil(milliseconds));
      if (length > 0) void link.write(TELL_LIMIT, (connection) => connection.run(TELL, [place], [length]));
    }

    return {
      async take(requestsPerMinute) {
        if (requestsPerMinute !== null) return ask(requestsPerMinute);
        if (clock.now() >= listenAt) {
          listenAt = clock.now() + LISTEN;
          const wait = await ask(0);
          if (wait !== undefined) peaceUntil = clock.now() + wait;
        }
        return Math.max(0, peaceUntil - clock.now());
      },
      tell: (milliseconds) => tell(peace, milliseconds),
      tellOpen: (milliseconds) => tell(open, milliseconds),
      get openWord() {
        return clock.now() < word.until ? word.of : 0;
      },
      get processes() {
        return processes;
      },
    };
  };
}

function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'number');
}
