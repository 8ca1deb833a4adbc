import { describe, expect, test } from 'vitest';
import type { CachedAnswer } from '../../src/cache/cached-answer.ts';
import { createRedisCache } from '../../src/cache/redis-cache.ts';
import type { RedisConnection } from '../../src/cache/redis-connection.ts';
import { createRedisLink } from '../../src/cache/redis-link.ts';
import { createSeal } from '../../src/cache/seal.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const answer: CachedAnswer = { texts: [{ text: 'because' }], model: 'coder', provider: 'mine' };
const seal = createSeal(Buffer.alloc(32, 3));
const TTL = 600_000;

/** A server in memory that fails and dawdles as it is told. */
function fakeServer(clock = createVirtualClock()) {
  const stored = new Map<string, Uint8Array>();
  const server = {
    stored,
    clock,
    commands: [] as string[],
    failure: undefined as Error | undefined,
    writeFailure: undefined as Error | undefined,
    delay: 0,
    ready: true,
  };
  async function reply<Result>(command: string, failure: Error | undefined, result: () => Result): Promise<Result> {
    server.commands.push(command);
    if (server.delay > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, server.delay));
    if (failure !== undefined) throw failure;
    return result();
  }
  const connection: RedisConnection = {
    get isReady() {
      return server.ready;
    },
    read: (key, most) => reply('read', server.failure, () => (stored.get(key) ?? new Uint8Array()).subarray(0, most)),
    write: (key, value) =>
      reply('write', server.failure ?? server.writeFailure, () => void stored.set(key, Buffer.from(value))),
    claim: (key) =>
      reply('claim', server.failure ?? server.writeFailure, () => {
        const isFree = !stored.has(key);
        stored.set(key, Buffer.from('1'));
        return isFree;
      }),
    run: () => Promise.reject(new Error('not here')),
    close: () => void server.commands.push('close'),
  };
  return { server, connection };
}

function cacheOn({ server, connection }: ReturnType<typeof fakeServer>) {
  const logged: string[] = [];
  const write = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const listeners: { onReady?: () => void; onLost?: (why: string) => void } = {};
  const link = createRedisLink({
    clock: server.clock,
    log: { error: write, warn: write, info: write, debug: write },
    connect(given) {
      Object.assign(listeners, given);
      given.onReady();
      return Promise.resolve(connection);
    },
  });
  const cache = createRedisCache({ link, seal, ttl: TTL, clock: server.clock });
  cache.warmUp();
  return { cache, logged, listeners };
}

/** What it gives, on a clock that goes on as far as it waits. */
async function get({ cache }: ReturnType<typeof cacheOn>, { clock }: { clock: ReturnType<typeof createVirtualClock> }) {
  const started = clock.now();
  const state: { found?: Awaited<ReturnType<typeof cache.get>>; done?: number } = {};
  const asking = cache.get('key').then((found) => {
    Object.assign(state, { found, done: clock.now() });
  });
  while (state.done === undefined) await clock.advance(1);
  await asking;
  return { found: state.found, took: state.done - started };
}

const PLACE = 'inkling:1:answer:key';

test('what one process learnt another one finds, with its age', async () => {
  const fake = fakeServer();
  const [one, other] = [cacheOn(fake), cacheOn(fake)];
  await fake.server.clock.advance(0);
  one.cache.set('key', answer);
  await fake.server.clock.advance(5_000);
  expect(await get(other, fake.server)).toEqual({ found: { answer, age: 5_000 }, took: 0 });
  expect(other.cache.stats()).toEqual({ state: 'up', hits: 1, rejected: 0, failures: 0 });
  expect(Buffer.from(fake.server.stored.get(PLACE) ?? []).toString('latin1')).not.toMatch(/because|coder|mine/);
});

describe('what lies there is not believed', () => {
  test.each<[string, (good: Buffer) => Uint8Array]>([
    ['changed', (good) => good.map((byte, index) => (index === 40 ? byte ^ 1 : byte))],
    ['cut off', (good) => good.subarray(0, -1)],
    ['of another version', (good) => good.map((byte, index) => (index === 0 ? 2 : byte))],
    ['sealed for another place', () => createSeal(Buffer.alloc(32, 3)).seal(`${PLACE}2`, '{}')],
    ['sealed by another team', () => createSeal(Buffer.alloc(32, 4)).seal(PLACE, '{}')],
    ['no answer', () => seal.seal(PLACE, '{"answer":{"texts":[{"text":5}],"model":"","provider":""},"at":1}')],
    ['no JSON', () => seal.seal(PLACE, 'because')],
    ['readable', () => Buffer.from(JSON.stringify({ answer, at: 0 }))],
    ['short', () => Buffer.of(1)],
    ['too large', () => seal.seal(PLACE, JSON.stringify({ answer, at: 2e12, more: 'x'.repeat(600_000) }))],
  ])('%s', async (_, poison) => {
    const fake = fakeServer();
    const one = cacheOn(fake);
    await fake.server.clock.advance(0);
    one.cache.set('key', answer);
    await fake.server.clock.advance(0);
    fake.server.stored.set(PLACE, poison(Buffer.from(fake.server.stored.get(PLACE) ?? [])));
    expect((await get(one, fake.server)).found).toBeUndefined();
    expect(one.cache.stats()).toMatchObject({ hits: 0, rejected: 1, failures: 0, state: 'up' });
  });

  test('something else than a text', async () => {
    const fake = fakeServer();
    const one = cacheOn(fake);
    await fake.server.clock.advance(0);
    fake.server.failure = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
    for (let time = 0; time < 5; time += 1) expect((await get(one, fake.server)).found).toBeUndefined();
    expect(one.cache.stats()).toMatchObject({ state: 'up' });
  });

  test('too old by the clock of whoever reads, but not too new', async () => {
    const fake = fakeServer();
    const one = cacheOn(fake);
    const at = fake.server.clock.wallClock();
    await fake.server.clock.advance(0);
    fake.server.stored.set(PLACE, seal.seal(PLACE, JSON.stringify({ answer, at: at - TTL })));
    expect((await get(one, fake.server)).found).toBeUndefined();
    fake.server.stored.set(PLACE, seal.seal(PLACE, JSON.stringify({ answer, at: at + 3_600_000 })));
    expect((await get(one, fake.server)).found).toEqual({ answer, age: 0 });
  });
});

test('what was forgotten here stays forgotten here, and what is written after that is found', async () => {
  const fake = fakeServer();
  const one = cacheOn(fake);
  await fake.server.clock.advance(0);
  one.cache.set('key', answer);
  await fake.server.clock.advance(10);
  one.cache.forget();
  expect((await get(one, fake.server)).found).toBeUndefined();
  await fake.server.clock.advance(10);
  one.cache.set('key', answer);
  expect((await get(one, fake.server)).found).toMatchObject({ answer });
});

test('an answer that another process is waiting for is waited for, but not for long', async () => {
  const fake = fakeServer();
  const [one, other] = [cacheOn(fake), cacheOn(fake)];
  await fake.server.clock.advance(0);
  expect(await get(one, fake.server)).toEqual({ found: undefined, took: 0 });
  expect((await get(other, fake.server)).took).toBeLessThanOrEqual(20);
  const waiting = other.cache.get('key');
  await fake.server.clock.advance(6);
  one.cache.set('key', answer);
  await fake.server.clock.advance(6);
  expect(await waiting).toMatchObject({ answer });
});

test('a server that hangs costs three requests their budget, then nobody anything until it is tried again', async () => {
  const fake = fakeServer();
  const one = cacheOn(fake);
  await fake.server.clock.advance(0);
  fake.server.delay = 1e9;
  for (let time = 0; time < 3; time += 1) expect((await get(one, fake.server)).took).toBe(20);
  const { length } = fake.server.commands;
  for (let time = 0; time < 100; time += 1) expect((await get(one, fake.server)).took).toBe(0);
  expect(fake.server.commands).toHaveLength(length);
  expect(one.cache.stats()).toMatchObject({ state: 'down', failures: 3 });
  await fake.server.clock.advance(5_000);
  expect([await get(one, fake.server), await get(one, fake.server)].map(({ took }) => took)).toEqual([20, 0]);
  await fake.server.clock.advance(9_000);
  expect((await get(one, fake.server)).took).toBe(0);
  await fake.server.clock.advance(1_000);
  fake.server.delay = 0;
  fake.server.stored.set(PLACE, seal.seal(PLACE, JSON.stringify({ answer, at: fake.server.clock.wallClock() })));
  expect((await get(one, fake.server)).found).toMatchObject({ answer });
  expect(one.cache.stats()).toMatchObject({ state: 'up' });
  expect(one.logged).toEqual([
    'The shared cache is connected. {}',
    expect.stringContaining('left alone'),
    'The shared cache answers again. {}',
  ]);
});

test('whether a server is back is tried by one request at a time, or at once when the connection is made anew', async () => {
  const fake = fakeServer();
  const one = cacheOn(fake);
  await fake.server.clock.advance(0);
  fake.server.delay = 1e9;
  for (let time = 0; time < 3; time += 1) await get(one, fake.server);
  await fake.server.clock.advance(5_000);
  const { length } = fake.server.commands;
  const many = Promise.all([1, 2, 3].map(() => one.cache.get('key')));
  await fake.server.clock.advance(20);
  expect(await many).toEqual([undefined, undefined, undefined]);
  expect(fake.server.commands).toHaveLength(length + 1);
  fake.server.delay = 0;
  one.listeners.onReady?.();
  await get(one, fake.server);
  expect(fake.server.commands.at(-1)).toBe('claim');
});

test('a server that takes no writes is still read, and written again when it does', async () => {
  const fake = fakeServer();
  const one = cacheOn(fake);
  await fake.server.clock.advance(0);
  one.cache.set('key', answer);
  fake.server.writeFailure = new Error('OOM command not allowed');
  for (let time = 0; time < 10; time += 1) {
    one.cache.set('other', answer);
    await fake.server.clock.advance(0);
    expect((await get(one, fake.server)).found).toMatchObject({ answer });
  }
  expect(fake.server.commands.filter((command) => command === 'write')).toHaveLength(4);
  expect(one.logged.slice(1)).toEqual([expect.stringMatching(/takes no answers.*OOM/)]);
  fake.server.writeFailure = undefined;
  await fake.server.clock.advance(5_000);
  one.cache.set('other', answer);
  await fake.server.clock.advance(0);
  expect(fake.server.stored.size).toBe(2);
  expect(one.logged).toHaveLength(3);
});

test('while there is no connection nothing is asked and nothing waited for, and it is said once', async () => {
  const fake = fakeServer();
  const one = cacheOn(fake);
  await fake.server.clock.advance(0);
  fake.server.ready = false;
  for (let time = 0; time < 5; time += 1) one.listeners.onLost?.('connect ECONNREFUSED');
  expect(await get(one, fake.server)).toEqual({ found: undefined, took: 0 });
  one.cache.set('key', answer);
  expect(fake.server.commands).toEqual([]);
  expect(one.cache.stats().state).toBe('down');
  fake.server.ready = true;
  for (let time = 0; time < 2; time += 1) one.listeners.onReady?.();
  expect(one.logged).toEqual([
    'The shared cache is connected. {}',
    expect.stringMatching(/cannot be reached.*ECONNREFUSED/),
    'The shared cache is connected. {}',
  ]);
});

test('after its end it says nothing and asks nothing', async () => {
  const fake = fakeServer();
  const one = cacheOn(fake);
  await fake.server.clock.advance(0);
  one.cache.dispose();
  one.listeners.onLost?.('closed');
  one.cache.set('key', answer);
  expect((await get(one, fake.server)).found).toBeUndefined();
  expect(fake.server.commands).toEqual(['close']);
  expect(one.logged).toHaveLength(1);
});
