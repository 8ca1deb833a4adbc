import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJoiner } from '../../src/cache/join-in-flight.ts';
import { createAnswerKeys } from '../../src/cache/key.ts';
import { createSharedStream } from '../../src/cache/shared-stream.ts';
import { AiError } from '../../src/domain/ai-error.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { contextAt } from '../support/code-context.ts';
import { hang, type Script, scriptedProvider, textOf } from '../support/scripted-provider.ts';

const question = () => chatRequest([{ role: 'user', content: 'Why?' }]);
const completion = () => completionRequest({ context: contextAt('a█') });
const { signal } = new AbortController();

function joined(script: Script) {
  const inner = scriptedProvider(script);
  const joins = { count: 0 };
  const joiner = createJoiner(() => {
    joins.count += 1;
  });
  const entry = { id: inner.name, kind: 'openai-compatible' };
  const keys = createAnswerKeys({ secret: Buffer.alloc(32), version: '1', entry, model: inner.model });
  return { inner, joins, provider: joiner.join(inner, keys) };
}

type Joined = ReturnType<typeof joined>['provider'];

const forms = {
  completeCode: async (provider: Joined, own: AbortSignal) =>
    (await provider.completeCode(completion(), own)).candidates[0]?.text,
  chat: async (provider: Joined, own: AbortSignal) => (await provider.chat(question(), own)).message.content,
  streamCode: (provider: Joined, own: AbortSignal) => textOf(provider.streamCode(completion(), own)),
  streamChat: (provider: Joined, own: AbortSignal) => textOf(provider.streamChat(question(), own)),
};

for (const [form, ask] of Object.entries(forms)) {
  test(`${form}: identical calls under way go out once, and everybody gets the answer`, async () => {
    const { provider, inner, joins } = joined({ answer: ['be', 'cause'] });
    const answers = await Promise.all([1, 2, 3].map(() => ask(provider, signal)));
    expect(answers).toEqual(['because', 'because', 'because']);
    expect(inner.counts).toEqual({ begun: 1, ended: 1 });
    expect(joins.count).toBe(2);
    await ask(provider, signal);
    expect(inner.counts.begun).toBe(2);
  });

  test(`${form}: a failure is everybody's, and the next call is a new one`, async () => {
    const failure = new AiError('server', 'scripted', 'It is down.');
    const { provider, inner } = joined({ answer: ['half', failure] });
    const both = await Promise.allSettled([ask(provider, signal), ask(provider, signal)]);
    expect(both).toEqual([1, 2].map(() => ({ status: 'rejected', reason: failure })));
    await expect(ask(provider, signal)).rejects.toBe(failure);
    expect(inner.counts.begun).toBe(2);
  });

  test(`${form}: who cancels leaves the others alone; the last one closes the connection`, async () => {
    const { provider, inner } = joined({ answer: ['begun', hang] });
    const [first, second] = [new AbortController(), new AbortController()];
    const calls = [ask(provider, first.signal), ask(provider, second.signal)];
    const settled = Promise.allSettled(calls);
    await turn();
    first.abort();
    await expect(calls[0]).rejects.toThrow(/abort/i);
    expect(inner.counts).toEqual({ begun: 1, ended: 0 });
    second.abort();
    await settled;
    await turn();
    expect(inner.counts).toEqual({ begun: 1, ended: 1 });
    const third = new AbortController();
    const again = ask(provider, third.signal);
    expect(inner.counts.begun).toBe(2);
    third.abort();
    await expect(again).rejects.toThrow(/abort/i);
  });

  test(`${form}: an aborted call is none`, async () => {
    const { provider, inner } = joined({ answer: ['yes'] });
    await expect(ask(provider, AbortSignal.abort())).rejects.toThrow(/abort/i);
    expect(inner.counts.begun).toBe(0);
  });
}

test('different questions, and those that want variety, go out each on its own', async () => {
  const { provider, inner } = joined({ answer: ['yes'] });
  await Promise.all([
    provider.chat(question(), signal),
    provider.chat(chatRequest([{ role: 'user', content: 'How?' }]), signal),
    provider.chat({ ...question(), temperature: 0.5 }, signal),
    provider.chat({ ...question(), temperature: 0.5 }, signal),
  ]);
  expect(inner.counts.begun).toBe(4);
});

test('a reader that had enough leaves the stream to the others, and closes it when it was the only one', async () => {
  const { provider, inner } = joined({ answer: ['one', 'two', 'three'] });
  const reading = textOf(provider.streamCode(completion(), signal));
  for await (const { delta } of provider.streamCode(completion(), signal)) if (delta === 'one') break;
  expect(await reading).toBe('onetwothree');
  for await (const { delta } of provider.streamCode(completion(), signal)) if (delta === 'one') break;
  await turn();
  expect(inner.counts).toEqual({ begun: 2, ended: 2 });
});

test('nothing is read that nobody asked for, and a late reader gets it from the start', async () => {
  let read = 0;
  const stream = createSharedStream<{ delta: string }>(
    async function* () {
      for (const delta of ['a', 'b', 'c']) {
        read += 1;
        yield { delta };
      }
    },
    () => undefined,
  );
  const first = stream.read(signal)[Symbol.asyncIterator]();
  await first.next();
  await first.next();
  expect(read).toBe(2);
  expect(await textOf(stream.read(signal))).toBe('abc');
  expect((await first.next()).value).toEqual({ delta: 'c' });
});

test('what has gone by is let go of, and then nobody can join', async () => {
  const large = 'x'.repeat(200_000);
  const stream = createSharedStream<{ delta: string }>(
    async function* () {
      for (const delta of [large, large, 'end']) yield { delta };
    },
    () => undefined,
  );
  const slow = stream.read(signal)[Symbol.asyncIterator]();
  expect((await slow.next()).value?.delta).toBe(large);
  expect(stream.isJoinable).toBe(true);
  const quick = stream.read(signal)[Symbol.asyncIterator]();
  for (let part = 0; part < 2; part += 1) expect((await quick.next()).value?.delta).toBe(large);
  expect(stream.isJoinable).toBe(false);
  expect((await quick.next()).value?.delta).toBe('end');
  expect((await quick.next()).done).toBe(true);
  expect((await slow.next()).value?.delta).toBe(large);
  expect((await slow.next()).value?.delta).toBe('end');
  expect((await slow.next()).done).toBe(true);
});

test('however readers come, go and give up, each has a beginning of the stream, and it is closed when all are gone', async () => {
  const parts = fc.array(fc.string({ maxLength: 3 }), { maxLength: 8 });
  const reader = fc.record({ comesAfter: fc.nat(6), leavesAfter: fc.nat(10), gives: fc.constantFrom('up', 'way') });
  await fc.assert(
    fc.asyncProperty(parts, fc.array(reader, { minLength: 1, maxLength: 4 }), async (texts, readers) => {
      let closed = 0;
      let ended = 0;
      const stream = createSharedStream<{ delta: string }>(
        async function* () {
          try {
            for (const delta of texts) {
              await turn();
              yield { delta };
            }
          } finally {
            ended += 1;
          }
        },
        () => {
          closed += 1;
        },
      );
      await Promise.all(
        readers.map(async ({ comesAfter, leavesAfter, gives }) => {
          for (let index = 0; index < comesAfter; index += 1) await turn();
          if (!stream.isJoinable) return;
          const controller = new AbortController();
          const got: string[] = [];
          try {
            for await (const { delta } of stream.read(controller.signal)) {
              got.push(delta);
              if (got.length <= leavesAfter) continue;
              if (gives === 'up') controller.abort();
              else break;
            }
          } catch {
            expect(controller.signal.aborted).toBe(true);
          }
          expect(got).toEqual(texts.slice(0, leavesAfter + 1));
        }),
      );
      await turn();
      expect([closed, ended <= 1]).toEqual([1, true]);
    }),
    { seed: 4, numRuns: 150 },
  );
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
