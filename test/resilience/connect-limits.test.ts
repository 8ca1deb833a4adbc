/** How long connecting may take for each kind of call, as whoever connects is told it. */
import { expect, test } from 'vitest';
import type { StreamingProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { createGuard, type GuardPlan } from '../../src/resilience/guard.ts';
import { connectLimitOf } from '../../src/util/call-signal.ts';
import { contextAt } from '../support/code-context.ts';
import { hang, scriptedProvider } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const nothing = () => undefined;
const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
const plan: GuardPlan = {
  totals: { automatic: 5_000, explicit: 20_000, chat: 120_000 },
  retry: { retries: 2, baseDelay: 250, maxDelay: 8_000 },
  limits: { maxConcurrent: 4, requestsPerMinute: null },
  breaker: { failures: 5, resetAfter: 30_000 },
  sole: true,
};
const { signal } = new AbortController();
const context = contextAt('a█b');

function create(answer: readonly (string | 'hang')[] = ['x']) {
  const clock = createVirtualClock();
  const limits: (number | undefined)[] = [];
  const scripted = scriptedProvider({ answer });
  const note = <Result>(own: AbortSignal, result: () => Result): Result => {
    limits.push(connectLimitOf(own));
    return result();
  };
  const inner: StreamingProvider = {
    ...scripted,
    streamCode: (request, own) => note(own, () => scripted.streamCode(request, own)),
    completeCode: (request, own) => note(own, () => scripted.completeCode(request, own)),
    streamChat: (request, own) => note(own, () => scripted.streamChat(request, own)),
    chat: (request, own) => note(own, () => scripted.chat(request, own)),
    embed: async (_request, own) => note(own, () => ({ vectors: [], model: 'm', dimensions: 0 })),
    listModels: (own) => note(own, () => untilAborted(own)),
    checkHealth: async (own) => note(own, () => ({ state: 'ready' })),
  };
  return { clock, limits, guarded: createGuard({ id: 'p', clock, log, random: () => 0.5 }).wrap(inner, plan) };
}

function untilAborted(own: AbortSignal): Promise<never> {
  return new Promise((_, reject) => own.addEventListener('abort', () => reject(own.reason)));
}

async function read(stream: AsyncIterable<unknown> | undefined): Promise<void> {
  if (stream !== undefined) for await (const _ of stream);
}

test('2 s for what comes by itself and for looking whether somebody is there, 5 s for what was asked for', async () => {
  const { guarded, limits } = create();
  await read(guarded.streamCode?.(completionRequest({ context, trigger: 'automatic' }), signal));
  await guarded.checkHealth?.(signal);
  expect(limits.splice(0)).toEqual([2_000, 2_000]);
  await read(guarded.streamCode?.(completionRequest({ context, trigger: 'explicit' }), signal));
  await guarded.completeCode(completionRequest({ context, trigger: 'explicit' }), signal);
  await read(guarded.streamChat(chatRequest([{ role: 'user', content: 'Why?' }]), signal));
  await guarded.chat(chatRequest([{ role: 'user', content: 'Why?' }]), signal);
  await guarded.embed?.({ input: [] }, signal);
  expect(limits).toEqual([5_000, 5_000, 5_000, 5_000, 5_000]);
});

test('a list of models that does not come is given up after 5 s', async () => {
  const { clock, guarded, limits } = create([hang]);
  const outcome = expect(guarded.listModels?.(signal)).rejects.toMatchObject({ kind: 'timeout' });
  await clock.advance(4_999);
  expect(clock.pending).toBeGreaterThan(0);
  await clock.advance(1);
  await outcome;
  expect(limits).toEqual([2_000]);
});
