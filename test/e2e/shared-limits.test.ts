/** One rate limit for many: counted on a real Redis or Valkey, and each process on its own when that is gone. */
import { describe, expect, onTestFinished, test as vitest } from 'vitest';
import { parseRedisAddress, type RedisAddress } from '../../src/cache/redis-address.ts';
import { connectRedis } from '../../src/cache/redis-connection.ts';
import { createRedisLimits } from '../../src/cache/redis-limits.ts';
import { createRedisLink, type RedisLink } from '../../src/cache/redis-link.ts';
import type { FleetLimits } from '../../src/domain/fleet-limits.ts';
import { systemClock } from '../../src/util/system-clock.ts';
import { startFakeProvider } from '../support/fake-provider.ts';
import { errorStatus, streamText } from '../support/fake-responders.ts';
import { redisServers, startRedis, type TestRedis } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { remoteSettings } from './setup.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** One process of a team, with a connection of its own. */
async function memberOf(redis: TestRedis, member: string, account = 'account'): Promise<FleetLimits> {
  const address = parseRedisAddress(redis.url) as RedisAddress;
  const link = await new Promise<RedisLink>((resolve) => {
    const made = createRedisLink({
      clock: systemClock,
      log: silent,
      connect: async ({ onLost }) => connectRedis(address, { onReady: () => resolve(made), onLost }),
    });
    made.warmUp();
  });
  onTestFinished(() => link.dispose());
  return createRedisLimits({ link, clock: systemClock, member })(account);
}

/** Asks until there is an answer: on a busy machine one may come too late. */
async function answer(member: FleetLimits, requestsPerMinute: number): Promise<number> {
  for (;;) {
    const wait = await member.take(requestsPerMinute);
    if (wait !== undefined) return wait;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(redisServers)('$name', ({ program = '' }) => {
  const test = program === '' ? vitest.skip : vitest;

  async function start(): Promise<TestRedis> {
    const redis = await startRedis({ program });
    onTestFinished(() => redis.stop());
    return redis;
  }

  test('fifty members with a hundred attempts each stay within one limit', async () => {
    const redis = await start();
    const members = await Promise.all(Array.from({ length: 50 }, (_, index) => memberOf(redis, `${index}`)));
    const perMinute = 100;
    let admitted = 0;
    let unanswered = 0;
    await Promise.all(
      members.map(async (member) => {
        for (let attempt = 0; attempt < 100; attempt += 1) {
          const wait = await member.take(perMinute);
          if (wait === undefined) unanswered += 1;
          else if (wait === 0) admitted += 1;
        }
      }),
    );
    process.stdout.write(`${admitted} of 5000 admitted, at most ${perMinute}; ${unanswered} unanswered\n`);
    expect(admitted).toBeLessThanOrEqual(perMinute);
    expect(admitted + unanswered).toBeGreaterThanOrEqual(perMinute);
    expect(Math.max(...members.map(({ processes }) => processes))).toBe(50);
  });

  test('what a provider asked one for, all keep to; another account is not concerned', async () => {
    const redis = await start();
    const [one, other, stranger] = [
      await memberOf(redis, 'a'),
      await memberOf(redis, 'b'),
      await memberOf(redis, 'c', 'another'),
    ];
    expect(await other.take(null)).toBe(0);
    one.tell(30_000);
    while ((await answer(one, 60_000)) === 0);
    const wait = await answer(other, 60);
    expect(wait).toBeGreaterThan(20_000);
    expect(wait).toBeLessThanOrEqual(30_000);
    one.tell(1_000);
    expect(await answer(other, 60)).toBeGreaterThan(20_000);
    expect(await answer(stranger, 60)).toBe(0);
  });

  test('what somebody else wrote there counts as out of reach', async () => {
    const redis = await start();
    const one = await memberOf(redis, 'a');
    expect(await answer(one, 60)).toBe(0);
    const [starts = ''] = await redis.admin.keys('*:starts');
    await redis.admin.set(starts, 'soon');
    expect(await one.take(60)).toBeUndefined();
  });

  test('two servers share a limit, and what the provider asked for', async () => {
    const redis = await start();
    const fake = await startFakeProvider({ respond: streamText('Because.') });
    onTestFinished(() => fake.close());
    const member = async (requestsPerMinute: number | null): Promise<TestServer> => {
      const settings = {
        cache: { redisUrl: redis.url, teamKey: 'n0t-a-real-team-key-but-long-enough-for-one' },
        chat: { timeout: 1_000 },
        resilience: { requestsPerMinute, retries: 0 },
      };
      const server = await startServer({ initializationOptions: remoteSettings(fake, { settings }) });
      onTestFinished(() => server.stop());
      while ((await server.request('inkling/stats').response).cache.shared.state !== 'up');
      return server;
    };
    let questions = 0;
    const ask = (server: TestServer) => {
      questions += 1;
      return server.request('inkling/chat', { messages: [{ role: 'user', content: `Why ${questions}?` }] });
    };
    const [one, other] = [await member(2), await member(2)];
    await ask(one).response;
    await ask(other).response;
    for (const server of [one, other]) {
      expect(await ask(server).failure).toMatchObject({ data: { kind: 'rateLimited' } });
    }
    expect(fake.requests).toHaveLength(2);

    const [hasty, patient] = [await member(null), await member(null)];
    await redis.admin.flushall();
    fake.respond(errorStatus(429, undefined, { 'retry-after': '30' }));
    expect(await ask(hasty).failure).toMatchObject({ data: { kind: 'rateLimited' } });
    while ((await redis.admin.keys('*:peace')).length === 0);
    fake.respond(streamText('Because.'));
    expect(await ask(patient).failure).toMatchObject({ data: { kind: 'rateLimited' } });
    expect(fake.requests).toHaveLength(3);
    expect((await redis.admin.keys('*')).join(' ')).not.toMatch(/fake|127/);
  });
});
