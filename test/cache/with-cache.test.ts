import { expect, test } from 'vitest';
import { createAnswerKeys } from '../../src/cache/key.ts';
import { createMemoryCache } from '../../src/cache/memory-cache.ts';
import { createResponseCache } from '../../src/cache/response-cache.ts';
import { withCache } from '../../src/cache/with-cache.ts';
import { AiError } from '../../src/domain/ai-error.ts';
import type { StreamingProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest, type FinishReason } from '../../src/domain/completion.ts';
import { contextAt } from '../support/code-context.ts';
import { type ScriptedProvider, scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const question = () => chatRequest([{ role: 'user', content: 'Why?' }]);
const completion = () => completionRequest({ context: contextAt('a█') });
const { signal } = new AbortController();

const keys = createAnswerKeys({
  secret: Buffer.alloc(32),
  version: '1',
  entry: { id: 'scripted', kind: 'openai-compatible' },
  model: 'scripted-1',
});

function cached<Provider extends StreamingProvider = ScriptedProvider>(inner: Provider) {
  const clock = createVirtualClock();
  const memory = createMemoryCache({ maxEntries: 10, maxBytes: 100_000_000, ttl: 1_000, clock });
  const cache = createResponseCache({ memory, clock });
  return { inner, cache, clock, provider: withCache(inner, keys, cache) };
}

async function all<Part>(stream: AsyncIterable<Part>): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** The scripted provider, but its answers end in another way. */
function ending(reason: FinishReason, provider?: string): ScriptedProvider {
  const inner = scriptedProvider({ answer: ['yes'] });
  const by = provider === undefined ? {} : { provider };
  return {
    ...inner,
    completeCode: async (...call) => ({ ...(await inner.completeCode(...call)), finishReason: reason, ...by }),
    chat: async (...call) => ({ ...(await inner.chat(...call)), finishReason: reason, ...by }),
    async *streamChat(...call) {
      for await (const part of inner.streamChat(...call)) {
        yield part.finish ? { ...part, finish: { ...part.finish, reason, ...by } } : part;
      }
    },
    async *streamCode(...call) {
      for await (const part of inner.streamCode(...call)) {
        yield part.finish ? { ...part, finish: { ...part.finish, reason, ...by } } : part;
      }
    },
  };
}

const forms = ['completeCode', 'chat', 'streamCode', 'streamChat'] as const;

function ask(provider: StreamingProvider, form: (typeof forms)[number], own: AbortSignal = signal): Promise<unknown> {
  switch (form) {
    case 'completeCode':
      return provider.completeCode(completion(), own);
    case 'chat':
      return provider.chat(question(), own);
    case 'streamCode':
      return textOf(provider.streamCode(completion(), own));
    case 'streamChat':
      return textOf(provider.streamChat(question(), own));
  }
}

test('a chat asked again is answered at once, as a stream too, and says so', async () => {
  const { provider, inner, cache } = cached(scriptedProvider({ answer: ['be', 'cause'] }));
  expect(await textOf(provider.streamChat(question(), signal))).toBe('because');
  expect(await all(provider.streamChat(question(), signal))).toEqual([
    { delta: 'because', finish: { reason: 'stop', model: 'scripted-1', provider: 'scripted', cached: true } },
  ]);
  expect(await provider.chat(question(), signal)).toEqual({
    message: { role: 'assistant', content: 'because' },
    model: 'scripted-1',
    provider: 'scripted',
    finishReason: 'stop',
    cached: true,
  });
  expect(inner.counts.begun).toBe(1);
  expect(cache.stats()).toMatchObject({ hits: 2, misses: 1, entries: 1, shared: null });
});

test('a completion asked again likewise', async () => {
  const { provider, inner } = cached(scriptedProvider({ answer: ['f', '();'] }));
  await textOf(provider.streamCode(completion(), signal));
  const [part] = await all(provider.streamCode(completion(), signal));
  expect(part).toMatchObject({ delta: 'f();', begins: { provider: 'scripted' }, finish: { cached: true } });
  expect(await provider.completeCode(completion(), signal)).toMatchObject({
    candidates: [{ text: 'f();' }],
    cached: true,
  });
  expect(inner.counts.begun).toBe(1);
});

test.each(forms)('%s: after its time it is asked again', async (form) => {
  const { provider, inner, clock } = cached(scriptedProvider({ answer: ['yes'] }));
  await ask(provider, form);
  await clock.advance(1_000);
  await ask(provider, form);
  expect(inner.counts.begun).toBe(2);
});

test.each(forms)('%s: what is forgotten is asked again', async (form) => {
  const { provider, inner, cache } = cached(scriptedProvider({ answer: ['yes'] }));
  await ask(provider, form);
  cache.clear();
  await ask(provider, form);
  expect(inner.counts.begun).toBe(2);
});

test.each(
  forms.flatMap((form) => [
    [form, 'cut off at the limit', ending('length')] as const,
    [form, 'filtered', ending('filtered')] as const,
    [form, 'given by a fallback', ending('stop', 'workspace')] as const,
    [form, 'empty', scriptedProvider({ answer: [' \n'] })] as const,
    [form, 'given by a provider in this process', scriptedProvider({ answer: ['yes'], local: true })] as const,
    [form, 'too long', scriptedProvider({ answer: ['x'.repeat(500_000), 'y'.repeat(500_000)] })] as const,
  ]),
)('%s: an answer that was %s is not kept', async (form, _, scripted) => {
  const { provider, inner } = cached(scripted);
  await ask(provider, form);
  await ask(provider, form);
  expect(inner.counts.begun).toBe(2);
});

test.each(forms)('%s: a failure is not kept, nor what came before it', async (form) => {
  const failure = new AiError('network', 'scripted', 'It broke off.');
  const { provider, inner, cache } = cached(scriptedProvider({ answer: ['half', failure] }));
  await expect(ask(provider, form)).rejects.toBe(failure);
  await expect(ask(provider, form)).rejects.toBe(failure);
  expect(inner.counts.begun).toBe(2);
  expect(cache.stats().entries).toBe(0);
});

test.each(forms)('%s: what was cancelled is not kept, even where the provider says it is whole', async (form) => {
  const controller = new AbortController();
  const inner = scriptedProvider({ answer: ['yes'] });
  /** Aborts in the middle of the call and goes on as if nothing had happened. */
  const deaf = <Request, Answer>(run: (request: Request, own: AbortSignal) => Answer) => {
    return (request: Request): Answer => {
      controller.abort();
      return run(request, signal);
    };
  };
  const { provider, cache } = cached<StreamingProvider>({
    ...inner,
    completeCode: deaf(inner.completeCode),
    chat: deaf(inner.chat),
    streamCode: deaf(inner.streamCode),
    streamChat: deaf(inner.streamChat),
  });
  await ask(provider, form, controller.signal);
  expect(cache.stats()).toMatchObject({ misses: 1, entries: 0 });
});

test('a stream that its reader left before the end is not kept; one left at its last part is', async () => {
  const { provider, cache } = cached(scriptedProvider({ answer: ['one', 'two'] }));
  for await (const _ of provider.streamCode(completion(), signal)) break;
  expect(cache.stats().entries).toBe(0);
  for await (const { finish } of provider.streamCode(completion(), signal)) if (finish !== undefined) break;
  expect(cache.stats().entries).toBe(1);
});

test('what another provider began anew is kept without what it replaced', async () => {
  const inner = scriptedProvider({ answer: ['yes'] });
  const { provider } = cached<StreamingProvider>({
    ...inner,
    async *streamCode() {
      yield { delta: 'broken', begins: { provider: 'other', model: 'other-1' } };
      yield { delta: 'whole', begins: { provider: 'scripted', model: 'scripted-1' } };
      yield { delta: '', finish: { reason: 'stop', model: 'scripted-1', provider: 'scripted' } };
    },
  });
  await all(provider.streamCode(completion(), signal));
  expect(await provider.completeCode(completion(), signal)).toMatchObject({ candidates: [{ text: 'whole' }] });
});

test('who sets a temperature is never answered by an earlier answer', async () => {
  const { provider, inner } = cached(scriptedProvider({ answer: ['yes'] }));
  for (let index = 0; index < 2; index += 1) await provider.chat({ ...question(), temperature: 1 }, signal);
  expect(inner.counts.begun).toBe(2);
});

test('a cancelled question is answered by nobody', async () => {
  const { provider } = cached(scriptedProvider({ answer: ['yes'] }));
  await provider.chat(question(), signal);
  await expect(provider.chat(question(), AbortSignal.abort())).rejects.toThrow(/abort/i);
  await expect(textOf(provider.streamChat(question(), AbortSignal.abort()))).rejects.toThrow(/abort/i);
});
