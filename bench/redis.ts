/** A hit on a real Redis, sealed and opened, beside the bare client; a row that says how to get the server where there is none. */
import type { Redis } from 'ioredis';
import type { CachedAnswer } from '../src/cache/cached-answer.ts';
import { openSharedCache } from '../src/cache/open-shared-cache.ts';
import { systemClock as clock } from '../src/util/system-clock.ts';
import { timed } from './ask.ts';
import type { Row } from './row.ts';
import { silent } from './stack.ts';
import { against, atMost, median, quantile, summary } from './statistics.ts';

const MICROSECONDS = 1_000;
const ENTRIES = 50;
/** Milliseconds a request may lose to the shared cache, whatever becomes of it. */
const MOST_ADDED = 25;
const name = 'a hit on Redis, 4 KB';

export async function benchRedis(answerOf: (number: number) => CachedAnswer, rounds: number): Promise<Row[]> {
  // Imported here: it looks for the programs as soon as it is loaded.
  const { redisServers, startRedis } = await import('../test/support/redis.ts');
  const program = redisServers[0]?.program;
  if (program === undefined) {
    return [{ name, unit: 'µs', median: Number.NaN, note: 'redis-server is not installed: run .ci/install-redis' }];
  }
  // Without TLS: its certificates are not where this is run from.
  const server = await startRedis({ program, settings: [['tls-port', '0']] });
  try {
    return await measure(server.url, answerOf, rounds);
  } finally {
    await server.stop();
  }
}

async function measure(redisUrl: string, answerOf: (number: number) => CachedAnswer, rounds: number): Promise<Row[]> {
  const opened = openSharedCache(
    { redisUrl, teamKey: 'bench'.padEnd(32, '.'), ttl: 600_000, caFile: null },
    { clock, log: silent, secrets: { environment: () => undefined } },
  );
  if (opened === undefined) throw new Error('The shared cache could not be opened.');
  const { cache } = opened;
  // Imported here: it derives a class from `String`, after which V8 reads every string of the process five times slower.
  const { Redis } = await import('ioredis');
  const bare = new Redis(redisUrl);
  const keys = Array.from({ length: ENTRIES }, (_, number) => `bench-${number}`);
  const value = Buffer.alloc(4_096, 'x');
  for (const key of keys) await bare.set(key, value);
  await connected(cache, bare, keys, answerOf);
  const floor: number[] = [];
  const mine: number[] = [];
  let missed = 0;
  for (let round = -100; round < rounds * 2; round += 1) {
    const key = keys[Math.abs(round) % ENTRIES] ?? '';
    const early = await timed(() => bare.getBuffer(key));
    const late = await timed(async () => {
      if ((await cache.get(key)) === undefined) missed += 1;
    });
    if (round < 0) continue;
    floor.push(early * MICROSECONDS);
    mine.push(late * MICROSECONDS);
  }
  cache.dispose();
  bare.disconnect();
  const worst = quantile(mine, 0.99) / MICROSECONDS;
  return [
    summary('a bare GET on Redis, 4 KB', 'µs', floor),
    { ...against(summary(name, 'µs', mine), median(floor)), note: `${missed} of ${rounds * 2} missed` },
    {
      name: `${name}, 99th percentile`,
      unit: 'ms',
      median: worst,
      count: mine.length,
      goal: atMost(worst, MOST_ADDED, 'ms'),
    },
  ];
}

/** Writes until everything is there: the connection comes in the background, and what is written before it is lost. */
async function connected(
  cache: NonNullable<ReturnType<typeof openSharedCache>>['cache'],
  bare: Redis,
  keys: readonly string[],
  answerOf: (number: number) => CachedAnswer,
): Promise<void> {
  cache.warmUp();
  for (let tries = 0; tries < 100; tries += 1) {
    for (const [number, key] of keys.entries()) cache.set(key, answerOf(number));
    await new Promise((resolve) => setTimeout(resolve, 20));
    if ((await bare.dbsize()) >= 2 * keys.length) return;
  }
  throw new Error('Nothing could be written to Redis.');
}
