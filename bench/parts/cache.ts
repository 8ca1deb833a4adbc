/** What a kept answer saves, what it takes to find one in memory and on Redis, and what one costs in memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CachedAnswer } from '../../src/cache/cached-answer.ts';
import { createMemoryCache } from '../../src/cache/memory-cache.ts';
import { createResponseCache } from '../../src/cache/response-cache.ts';
import { systemClock as clock } from '../../src/util/system-clock.ts';
import { startFakeProvider } from '../../test/support/fake-provider.ts';
import { streamText } from '../../test/support/fake-responders.ts';
import { readAll, timed } from '../ask.ts';
import { answerParts, chatOf } from '../questions.ts';
import { benchRedis } from '../redis.ts';
import { startReplayServer } from '../replay-server.ts';
import type { Row } from '../row.ts';
import { composeStack } from '../stack.ts';
import { against, median, summary, within } from '../statistics.ts';
import type { Bench } from '../subjects.ts';
import { sourceText } from '../texts.ts';

const MICROSECONDS = 1_000;
const ENTRIES = 500;
const ANSWER = 4_096;
const settings = { maxBytes: 64 * 1024 * 1024, ttl: 600_000, clock };
const roomForAll = { ...settings, maxEntries: ENTRIES };

export async function benchCache(bench: Bench): Promise<Row[]> {
  const rounds = bench.quick ? 100 : 400;
  return [
    ...(await chatRows(rounds)),
    await memoryRow(rounds),
    ...[ENTRIES, 20 * ENTRIES].map((entries) => fullRow(entries, rounds)),
    ...(await benchRedis(answerOf, rounds)),
    entryRow(),
  ];
}

/** An answer of 4 KB that no other equals, in a string of its own. */
function answerOf(number: number): CachedAnswer {
  const text = Buffer.from(`// ${number}\n${sourceText(ANSWER)}`.slice(0, ANSWER)).toString('latin1');
  return { texts: [{ text }], model: 'bench-model', provider: 'bench' };
}

/** The whole stack over a model server that answers at once, asked what it was asked before and what it was not. */
async function chatRows(rounds: number): Promise<Row[]> {
  const fake = await startFakeProvider({ respond: streamText(answerParts.join(''), { chunkSize: 2 }) });
  const server = await startReplayServer(fake.origin);
  const entry = { id: 'bench', kind: 'openai-compatible', model: 'bench-model', baseUrl: `${server.origin}/v1` };
  const { whole, sharing, dispose } = await composeStack(entry);
  const misses: number[] = [];
  const hits: number[] = [];
  for (let round = -50; round < rounds; round += 1) {
    // The server makes its recording before anything is measured.
    await readAll(whole.streamChat, chatOf(round));
    sharing.clear();
    // Equal, and two objects: each has its key computed.
    const [first, again] = [chatOf(round), chatOf(round)];
    const miss = await timed(() => readAll(whole.streamChat, first));
    const hit = await timed(() => readAll(whole.streamChat, again));
    if (round < 0) continue;
    misses.push(miss);
    hits.push(hit);
  }
  const { hits: counted } = sharing.stats();
  await dispose();
  await server.close();
  await fake.close();
  if (counted < rounds) throw new Error(`Only ${counted} answers came from the cache.`);
  return [
    summary('a chat that is asked of a model that answers at once', 'ms', misses),
    against(summary('the same chat again', 'ms', hits), median(misses)),
    within(summary('the same chat again, on this machine', 'ms', hits), 0.5),
  ];
}

async function memoryRow(rounds: number): Promise<Row> {
  const cache = createResponseCache({ memory: createMemoryCache(roomForAll), clock });
  const keys = Array.from({ length: ENTRIES }, (_, number) => keyOf(number));
  for (const [number, key] of keys.entries()) cache.set(key, answerOf(number));
  const took: number[] = [];
  for (let round = -50; round < rounds; round += 1) {
    // One hit is too short for the timer.
    const taken = await timed(async () => {
      for (const key of keys) await cache.get(key);
    });
    if (round >= 0) took.push((taken * MICROSECONDS) / ENTRIES);
  }
  return { ...summary('a hit in memory', 'µs', took), note: `each sample is the mean of ${ENTRIES}` };
}

/** What one more answer costs where another has to go: the same, however many are kept. */
function fullRow(maxEntries: number, rounds: number): Row {
  const memory = createMemoryCache({ ...settings, maxEntries });
  const answer: CachedAnswer = { texts: [{ text: 'answer' }], model: 'bench-model', provider: 'bench' };
  for (let number = 0; number < maxEntries; number += 1) memory.set(keyOf(number), answer);
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const key = keyOf(maxEntries + round);
    const start = performance.now();
    memory.set(key, answer);
    took.push((performance.now() - start) * MICROSECONDS);
  }
  return summary(`one more in memory, where ${maxEntries} fill it`, 'µs', took);
}

/** What the heap grows by, beside what the cache counts, which shall be no less. */
function entryRow(): Row {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const memory = createMemoryCache(roomForAll);
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  for (let number = 0; number < ENTRIES; number += 1) memory.set(keyOf(number), answerOf(number));
  const grown = (heap() - before) / ENTRIES;
  const { bytes, entries } = memory.stats();
  const row = { name: 'memory of an entry of 4 KB', median: grown, unit: 'bytes', count: entries };
  return { ...within(row, bytes / entries), note: `the cache counts ${bytes / entries}` };
}

/** As long as the keys of the app. */
function keyOf(number: number): string {
  return String(number).padStart(43, 'k');
}
