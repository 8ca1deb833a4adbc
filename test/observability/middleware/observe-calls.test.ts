/** What observers are told of calls, in which order, and that nothing of it reaches the call. */
import { expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import type { AiProvider } from '../../../src/domain/ai-provider.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { CallObserver } from '../../../src/observability/middleware/call-observer.ts';
import { containObserver } from '../../../src/observability/middleware/contain-observer.ts';
import { createMiddleware } from '../../../src/observability/middleware/middleware.ts';
import { observeCalls } from '../../../src/observability/middleware/observe-calls.ts';
import { contextAt } from '../../support/code-context.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';
import { hang, type Script, scriptedProvider, textOf } from '../../support/scripted-provider.ts';

const { signal } = new AbortController();
const question = chatRequest([{ role: 'user', content: 'secret question' }], { model: 'another' });
const completion = completionRequest({ context: contextAt('secret█code'), trigger: 'automatic' });

function listen(name: string, told: unknown[], content = false): CallObserver {
  return {
    content,
    begin(call) {
      told.push([name, 'begins', call]);
      return {
        firstPart: (time) => void told.push([name, 'first part', time]),
        ended: (outcome, answer) => void told.push([name, 'ended', outcome, answer]),
      };
    },
  };
}

function observed(answer: Script['answer'], told: unknown[], { content = false, more = {} } = {}) {
  const { clock } = providerDependencies();
  const inner: AiProvider = { ...scriptedProvider({ name: 'mine', answer }), ...more };
  return observeCalls(inner, 'gemini', [listen('outer', told), listen('inner', told, content)], clock);
}

test('the first observer hears first of a beginning, and last of everything else', async () => {
  const told: unknown[] = [];
  await textOf(observed(['Be', 'cause.'], told).streamChat(question, signal));
  expect(told.map((one) => (one as string[]).slice(0, 2).join(' '))).toEqual([
    'outer begins',
    'inner begins',
    'inner first part',
    'outer first part',
    'inner ended',
    'outer ended',
  ]);
});

test('a call says who is asked for what, and how it ended', async () => {
  const told: unknown[] = [];
  const provider = observed(['x'], told);
  await provider.chat(question, signal);
  await textOf(provider.streamCode?.(completion, signal) ?? provider.streamChat(question, signal));
  const call = { provider: 'mine', kind: 'gemini', startedAt: 1_750_000_000_000 };
  expect(told[0]).toMatchObject(['outer', 'begins', { ...call, feature: 'chat', model: 'another' }]);
  expect(told[3]).toEqual([
    'outer',
    'ended',
    { state: 'done', model: 'mine-1', finishReason: 'stop', time: 0 },
    undefined,
  ]);
  expect(told[4]).toMatchObject([
    'outer',
    'begins',
    { ...call, feature: 'completion', model: 'mine-1', trigger: 'automatic' },
  ]);
  const usage = { inputTokens: 5, outputTokens: 2 };
  expect(told.at(-1)).toMatchObject(['outer', 'ended', { state: 'done', usage, timeToFirstPart: 0 }, undefined]);
  expect(JSON.stringify(told)).not.toContain('secret');
});

test('the calls no model answers are told of too', async () => {
  const told: unknown[] = [];
  const { embed, countTokens, listModels, checkHealth } = observed([], told, {
    more: {
      embed: async () => ({ vectors: [[1]], model: 'e', dimensions: 1 }),
      countTokens: async () => ({ tokens: 1, exact: true }),
      listModels: async () => [],
      checkHealth: async () => ({ state: 'ready' }),
    },
  });
  await embed?.({ input: ['secret'] }, signal);
  await countTokens?.('secret', signal);
  await listModels?.(signal);
  await checkHealth?.(signal);
  const features = told.flatMap((one) =>
    (one as unknown[])[1] === 'begins' ? [(one as [0, 0, { feature: string }])[2].feature] : [],
  );
  expect(features.filter((_, index) => index % 2 === 0)).toEqual(['embed', 'countTokens', 'listModels', 'checkHealth']);
  expect(told.at(-1)).toEqual(['outer', 'ended', { state: 'done', time: 0 }, undefined]);
});

test('the answer is told to who asked for it, and to nobody else', async () => {
  const told: unknown[] = [];
  const provider = observed(['Be', 'cause.'], told, { content: true });
  await textOf(provider.streamChat(question, signal));
  await provider.completeCode(completion, signal);
  const answers = told.flatMap((one) => ((one as unknown[])[1] === 'ended' ? [(one as unknown[])[3]] : []));
  expect(answers).toEqual(['Because.', undefined, 'Because.', undefined]);
});

test.each<[string, Script['answer'][number], object]>([
  [
    'a failure has its kind',
    new AiError('overloaded', 'mine', 'Busy.', { status: 529 }),
    { kind: 'overloaded', message: 'Busy.', status: 529 },
  ],
  [
    'what is no error of ours is told without its words',
    new Error('secret'),
    { kind: 'server', message: 'The call failed inside the server.' },
  ],
])('%s', async (_, error, expected) => {
  const told: unknown[] = [];
  const provider = observed(['a', error], told);
  await expect(textOf(provider.streamChat(question, signal))).rejects.toThrow();
  await expect(provider.chat(question, signal)).rejects.toThrow();
  const ends = told.filter((one) => (one as unknown[])[1] === 'ended');
  expect(ends).toHaveLength(4);
  expect(ends[0]).toEqual([
    'inner',
    'ended',
    { state: 'failed', error: expected, time: 0, timeToFirstPart: 0 },
    undefined,
  ]);
  expect(ends[3]).toEqual(['outer', 'ended', { state: 'failed', error: expected, time: 0 }, undefined]);
});

test('a cancel is no failure, and is told once', async () => {
  const told: unknown[] = [];
  const controller = new AbortController();
  const ended = expect(textOf(observed([hang], told).streamChat(question, controller.signal))).rejects.toThrow();
  controller.abort();
  await ended;
  expect(told.slice(2)).toEqual([
    ['inner', 'ended', { state: 'cancelled', time: 0 }, undefined],
    ['outer', 'ended', { state: 'cancelled', time: 0 }, undefined],
  ]);
});

test('a stream that its reader leaves had done what was wanted of it', async () => {
  const told: unknown[] = [];
  for await (const _ of observed(['a', 'b'], told).streamChat(question, signal)) break;
  expect(told.at(-1)).toEqual(['outer', 'ended', { state: 'done', time: 0, timeToFirstPart: 0 }, undefined]);
});

test('an observer is disposed once, also where the last call it follows ends meanwhile', async () => {
  const { log } = providerDependencies();
  let disposed = 0;
  const observer = containObserver(
    {
      ...listen('mine', []),
      async dispose() {
        disposed += 1;
      },
    },
    'module',
    log,
  );
  const { clock } = providerDependencies();
  const provider = observeCalls(scriptedProvider({ answer: [hang] }), 'openai', [observer], clock);
  const call = new AbortController();
  const answer = provider.chat(question, call.signal).catch(() => undefined);
  const end = observer.dispose();
  call.abort();
  await Promise.all([answer, end]);
  expect(disposed).toBe(1);
});

test('where nobody listens, or nothing leaves the process, there is no layer', () => {
  const { clock, log } = providerDependencies();
  const middleware = createMiddleware({ version: '1', threadFile: '', clock, log });
  const remote = scriptedProvider({ answer: [] });
  const local = scriptedProvider({ answer: [], local: true });
  expect(middleware.observe(remote, 'openai')).toBe(remote);
  middleware.configure([{ kind: 'log' }]);
  expect(middleware.observe(remote, 'openai')).not.toBe(remote);
  expect(middleware.observe(local, 'workspace')).toBe(local);
});

test('the log has one line for each call, with figures and without text', async () => {
  const { clock, log, logged } = providerDependencies();
  const middleware = createMiddleware({ version: '1', threadFile: '', clock, log });
  middleware.configure([{ kind: 'log' }]);
  const provider = middleware.observe(scriptedProvider({ name: 'mine', answer: ['secret'] }), 'openai');
  await textOf(provider.streamChat(question, signal));
  await middleware
    .observe(scriptedProvider({ answer: [new AiError('quota', 'mine', 'No more.')] }), 'openai')
    .chat(question, signal)
    .catch(() => {});
  expect(logged).toEqual([
    'Provider call. {"provider":"mine","model":"another","feature":"chat","outcome":"done","time":0,"timeToFirstPart":0,"finishReason":"stop","inputTokens":5,"outputTokens":2}',
    'Provider call. {"provider":"scripted","model":"another","feature":"chat","outcome":"quota","time":0}',
  ]);
});
