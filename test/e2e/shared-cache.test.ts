/** Two built servers that share a real Redis or Valkey: what one asked the other need not, and nobody notices what happens to it. */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test as vitest } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { streamText } from '../support/fake-responders.ts';
import { type RedisOptions, redisServers, startRedis, type TestRedis } from '../support/redis.ts';
import { type Json, startServer, type TestServer } from '../support/server.ts';
import { remoteSettings } from './setup.ts';

const teamKey = 'n0t-a-real-team-key-but-long-enough-for-one';
/** All that a user of the server needs, as docs/scale.md names it. */
const rights =
  '+getrange +set +get +eval +evalsha +time +zadd +zremrangebyscore +zcard +lpush +lindex +ltrim +pexpire +info +cluster|info +cluster|slots'.split(
    ' ',
  );
/** Alone, a node does not know its own address. */
const clusterOfOne = [
  ['cluster-enabled', 'yes'],
  ['cluster-announce-ip', '127.0.0.1'],
];

interface Team {
  readonly redis: TestRedis;
  readonly fake: FakeProvider;
  readonly member: (cache?: object, network?: object) => Promise<TestServer>;
}

async function startTeam(options: RedisOptions): Promise<Team> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.stop());
  const fake = await startFakeProvider({ respond: streamText('Because.') });
  onTestFinished(() => fake.close());
  return {
    redis,
    fake,
    async member(cache = {}, network = {}) {
      const settings = { network, cache: { redisUrl: redis.url, teamKey: { env: 'TEAM_KEY' }, ...cache } };
      const server = await startServer({
        environment: { TEAM_KEY: teamKey },
        initializationOptions: remoteSettings(fake, { settings }),
      });
      onTestFinished(() => server.stop());
      return server;
    },
  };
}

const stats = async (server: TestServer): Promise<Json> => (await server.request('inkling/stats').response).cache;

/** Every question another one, so that the memory of no server knows it; rejects where the request fails. */
let questions = 0;
async function askAnew(server: TestServer): Promise<Json> {
  questions += 1;
  return ask(server, `Why ${questions}?`);
}

async function ask(server: TestServer, content = 'Why?'): Promise<Json> {
  const answer = await server.request('inkling/chat', { messages: [{ role: 'user', content }] }).response;
  expect(answer.message.content).toBe('Because.');
  return answer;
}

/** Asks until the shared cache is what is expected of it. */
async function until(server: TestServer, state: 'up' | 'down'): Promise<void> {
  while ((await stats(server)).shared.state !== state) await askAnew(server);
}

async function entries(redis: TestRedis): Promise<string[]> {
  return (await redis.admin.keys('inkling:1:answer:*')).filter((key) => !key.endsWith(':asked'));
}

/** Asks several questions, so that a moment in which this machine is busy decides nothing; they are stored in the end. */
async function learn(server: TestServer, redis: TestRedis): Promise<readonly string[]> {
  const before = (await entries(redis)).length;
  const asked = Array.from({ length: 5 }, (_, index) => `Why ${questions}.${index}?`);
  questions += 1;
  for (const question of asked) await ask(server, question);
  await written(redis, before + asked.length);
  return asked;
}

/** Whether the server was told any of it by the others. */
async function knows(server: TestServer, asked: readonly string[]): Promise<boolean> {
  for (const question of asked) await ask(server, question);
  return (await stats(server)).shared.hits > 0;
}

/** Writes are not waited for by whoever asked. */
async function written(redis: TestRedis, count = 1): Promise<string[]> {
  let keys: string[] = [];
  while (keys.length < count) keys = await entries(redis);
  return keys;
}

describe.each(redisServers)('$name', ({ program = '' }) => {
  const test = program === '' ? vitest.skip : vitest;

  test('what one server was answered the other one knows, and nobody can read it there', async () => {
    const { redis, fake, member } = await startTeam({ program });
    const [one, other] = [await member(), await member()];
    await Promise.all([until(one, 'up'), until(other, 'up')]);
    const learnt = await learn(one, redis);
    const asked = fake.requests.length;
    expect(await knows(other, learnt)).toBe(true);
    expect(fake.requests.length).toBeLessThan(asked + learnt.length);
    expect((await stats(other)).shared.rejected).toBe(0);
    for (const key of await entries(redis)) {
      const stored = (await redis.admin.getBuffer(key))?.toString('latin1') ?? '';
      expect(`${key}${stored}`).not.toMatch(/Because|Why|fake|coder/);
      expect(await redis.admin.pttl(key)).toBeGreaterThan(0);
    }
  });

  test('what was cleared is asked again by whoever cleared it', async () => {
    const { redis, member } = await startTeam({ program });
    const [one, other] = [await member(), await member()];
    await Promise.all([until(one, 'up'), until(other, 'up')]);
    await ask(one);
    await written(redis);
    await other.request('workspace/executeCommand', { command: 'inkling.clearCache' }).response;
    expect((await ask(other)).cached).toBe(false);
    expect((await ask(other)).cached).toBe(true);
  });

  test('who has another key, or another version of the settings that matter, shares nothing', async () => {
    const { redis, fake, member } = await startTeam({ program });
    const one = await member();
    const stranger = await member({ teamKey: 'another-key-of-another-team-long-enough' });
    await Promise.all([until(one, 'up'), until(stranger, 'up')]);
    const learnt = await learn(one, redis);
    const asked = fake.requests.length;
    expect(await knows(stranger, learnt)).toBe(false);
    expect(fake.requests).toHaveLength(asked + learnt.length);
  });

  test('a value that somebody planted or damaged is a miss', async () => {
    const { redis, member } = await startTeam({ program });
    const one = await member({ maxEntries: 1 });
    await until(one, 'up');
    await redis.admin.flushall();
    await ask(one);
    const [key = ''] = await written(redis);
    const good = (await redis.admin.getBuffer(key)) ?? Buffer.of();
    const plants: readonly (() => Promise<unknown>)[] = [
      () => redis.admin.set(key, Buffer.concat([good.subarray(0, -1), Buffer.of(0)])),
      () => redis.admin.set(key, '{"answer":{"texts":[{"text":"rm -rf"}],"model":"","provider":""}}'),
      () => redis.admin.set(key, Buffer.alloc(3_000_000, 1)),
      () => redis.admin.set(key, ''),
      async () => {
        await redis.admin.del(key);
        await redis.admin.rpush(key, 'a list');
      },
    ];
    for (const plant of plants) {
      await askAnew(one);
      await plant();
      expect((await ask(one)).cached).toBe(false);
    }
    expect((await stats(one)).shared).toMatchObject({ state: 'up', hits: 0 });
  });

  test('frozen, killed and started again: no request fails, and it is used again', async () => {
    const { redis, member } = await startTeam({ program });
    const one = await member();
    await until(one, 'up');
    redis.freeze();
    const times: number[] = [];
    for (let time = 0; time < 20; time += 1) {
      const started = performance.now();
      await askAnew(one);
      times.push(performance.now() - started);
    }
    expect((await stats(one)).shared).toMatchObject({ state: 'down' });
    process.stdout.write(`frozen ${basename(program)}: ${times.map((time) => time.toFixed(1)).join(' ')} ms\n`);
    redis.thaw();
    await redis.kill();
    for (let time = 0; time < 5; time += 1) await askAnew(one);
    expect((await stats(one)).shared).toMatchObject({ state: 'down' });
    await redis.start();
    await until(one, 'up');
    await ask(one);
    await written(redis);
    expect(one.stderr().match(/shared cache/g)?.length).toBeLessThanOrEqual(6);
  });

  test('full: answers are no longer kept there, what is there is still found', async () => {
    const { redis, member } = await startTeam({ program });
    const [one, other] = [await member(), await member()];
    await Promise.all([until(one, 'up'), until(other, 'up')]);
    const learnt = await learn(one, redis);
    await redis.admin.config('SET', 'maxmemory', '1');
    for (let time = 0; time < 10; time += 1) await askAnew(one);
    expect(await knows(other, learnt)).toBe(true);
    expect((await stats(one)).shared.failures).toBeGreaterThan(0);
  });

  test('turned into a replica that takes no writes: likewise', async () => {
    const { redis, member } = await startTeam({ program });
    const [one, other] = [await member(), await member()];
    await Promise.all([until(one, 'up'), until(other, 'up')]);
    const learnt = await learn(one, redis);
    await redis.admin.call('REPLICAOF', '127.0.0.1', '1');
    for (let time = 0; time < 10; time += 1) await askAnew(one);
    expect(await knows(other, learnt)).toBe(true);
  });

  test('slow: left alone', async () => {
    const { redis, member } = await startTeam({ program, settings: [['enable-debug-command', 'yes']] });
    const one = await member();
    await until(one, 'up');
    const busy = { stop: false };
    const keepBusy = (async () => {
      while (!busy.stop) await redis.admin.call('DEBUG', 'SLEEP', '0.2');
    })();
    await until(one, 'down');
    await askAnew(one);
    busy.stop = true;
    await keepBusy;
  });

  test('as a user who may only do what is needed', async () => {
    const { redis, member } = await startTeam({
      program,
      settings: [['user', 'inkling', 'on', '>a:secret', '~inkling:*', ...rights]],
    });
    const url = redis.url.replace('//', '//inkling:a%3Asecret@');
    const [one, other] = [await member({ redisUrl: url }), await member({ redisUrl: url })];
    await Promise.all([until(one, 'up'), until(other, 'up')]);
    expect(await knows(other, await learn(one, redis))).toBe(true);
    expect(await redis.admin.call('ACL', 'LOG')).toEqual([]);
    const wrong = await member({ redisUrl: url.replace('secret', 'wrong') });
    for (let time = 0; time < 5; time += 1) await askAnew(wrong);
    expect((await stats(wrong)).shared.state).toBe('down');
    expect(wrong.stderr()).not.toContain('secret');
  });

  test('over TLS, by a certificate of the company', async () => {
    const { redis, member } = await startTeam({ program });
    const caFile = fileURLToPath(new URL('../fixtures/tls/localhost.cert.pem', import.meta.url));
    const trusting = () => member({ redisUrl: redis.secureUrl }, { caFile });
    const [one, other] = [await trusting(), await trusting()];
    await Promise.all([until(one, 'up'), until(other, 'up')]);
    expect(await knows(other, await learn(one, redis))).toBe(true);
    const doubting = await member({ redisUrl: redis.secureUrl });
    while (!/cannot be reached.*certificate/.test(doubting.stderr())) await askAnew(doubting);
  });

  test('a cluster is found by one of its nodes', async () => {
    const { redis, member } = await startTeam({ program, settings: clusterOfOne });
    await redis.admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    while (!String(await redis.admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    const url = redis.url.replace('redis:', 'redis+cluster:');
    const [one, other] = [await member({ redisUrl: url }), await member({ redisUrl: url })];
    await Promise.all([until(one, 'up'), until(other, 'up')]);
    expect(await knows(other, await learn(one, redis))).toBe(true);
  });
});

vitest.each([
  ['a variable that is not set', { teamKey: { env: 'NOT_SET' } }, /NOT_SET/],
  ['a server that is not there', { redisUrl: 'redis://127.0.0.1:1' }, /cannot be reached/],
])('%s: said once, and every request is answered', async (_, cache, expected) => {
  const fake = await startFakeProvider({ respond: streamText('Because.') });
  onTestFinished(() => fake.close());
  const settings = { cache: { redisUrl: 'redis://127.0.0.1:1', teamKey, ...cache } };
  const server = await startServer({ initializationOptions: remoteSettings(fake, { settings }) });
  onTestFinished(() => server.stop());
  for (let time = 0; time < 3; time += 1) await askAnew(server);
  while (!expected.test(server.stderr())) await askAnew(server);
  expect(server.stderr().match(/shared cache/g)).toHaveLength(1);
});

vitest('an address without a team key is a setting that is wrong: said once, and nothing is shared', async () => {
  const fake = await startFakeProvider({ respond: streamText('Because.') });
  onTestFinished(() => fake.close());
  const settings = { cache: { redisUrl: 'redis://me:pass-word@127.0.0.1:1' } };
  const server = await startServer({ initializationOptions: remoteSettings(fake, { settings }) });
  onTestFinished(() => server.stop());
  const { message } = await server.nextNotification('window/showMessage');
  expect(message).toMatch(/cache\.redisUrl \(initializationOptions\): expected cache\.teamKey beside cache\.redisUrl/);
  expect(message + server.stderr()).not.toContain('pass-word');
  await askAnew(server);
  expect((await server.request('inkling/stats', {}).response).cache.shared).toBeNull();
  const shown = server.notifications.filter(({ method }) => method === 'window/showMessage');
  expect(shown).toHaveLength(1);
});
