/** What the wrappers around a provider cost a call, where the provider itself takes no time. */

import { createAnswerKeys } from '../../src/cache/key.ts';
import type { StreamingProvider } from '../../src/domain/ai-provider.ts';
import { scriptedProvider } from '../../test/support/scripted-provider.ts';
import { askWhole, readAll, timed } from '../ask.ts';
import { answerParts, chatOf, completionOf } from '../questions.ts';
import type { Row } from '../row.ts';
import { composeStack } from '../stack.ts';
import { median, summary } from '../statistics.ts';
import type { Bench } from '../subjects.ts';

const MICROSECONDS = 1_000;
/** Calls after which V8 has compiled what it is going to compile. */
const WARM_UP = 1_000;

/** A question is a new one for everybody, so that no answer is known: `number` makes it so. */
const calls: Readonly<Record<string, (provider: StreamingProvider, number: number) => () => Promise<void>>> = {
  'whole chat': (provider, number) => {
    const request = chatOf(number);
    return () => askWhole(provider.chat, request);
  },
  'streamed chat, 17 parts': (provider, number) => {
    const request = chatOf(number);
    return () => readAll(provider.streamChat, request);
  },
  'streamed completion, 17 parts': (provider, number) => {
    const request = completionOf(number);
    return () => readAll(provider.streamCode, request);
  },
};

export async function benchWrappers(bench: Bench): Promise<Row[]> {
  const provider = scriptedProvider({ name: 'bench', answer: answerParts });
  const stack = await composeStack({ id: 'bench', kind: 'bench' }, provider);
  const subjects = [
    ['alone', provider],
    ['guarded, measured, watched', stack.guarded],
    ['with the cache and joining too', stack.whole],
  ] as const;
  const rounds = bench.quick ? 500 : 2_000;
  const rows: Row[] = [];
  let number = 0;
  for (const [name, call] of Object.entries(calls)) {
    const took: number[][] = subjects.map(() => []);
    for (let round = -WARM_UP; round < rounds; round += 1) {
      for (const [index, [, subject]] of subjects.entries()) {
        number += 1;
        const taken = await timed(call(subject, number));
        if (round >= 0) took[index]?.push(taken * MICROSECONDS);
      }
    }
    const alone = median(took[0] ?? []);
    for (const [index, [who]] of subjects.entries()) {
      const row = summary(`${name}: ${who}`, 'µs', took[index] ?? []);
      rows.push(index === 0 ? row : { ...row, floor: alone, note: `${(row.median - alone).toFixed(0)} µs more` });
    }
  }
  rows.push(keyRow(rounds));
  const { hits } = stack.sharing.stats();
  await stack.dispose();
  if (hits > 0) throw new Error(`${hits} answers came from the cache.`);
  return rows;
}

/** Most of what the cache costs a question it has no answer to. */
function keyRow(rounds: number): Row {
  const keys = createAnswerKeys({
    secret: new Uint8Array(32),
    version: 'bench',
    entry: { id: 'bench', kind: 'bench' },
    model: 'bench-1',
  });
  const took: number[] = [];
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const request = chatOf(round);
    const start = performance.now();
    keys.chat(request);
    if (round >= 0) took.push((performance.now() - start) * MICROSECONDS);
  }
  return summary('the key of a chat of 6 KB, alone', 'µs', took);
}
