import { type Attributes, metrics, type Span, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { createMiddleware } from '../../../src/observability/middleware/middleware.ts';
import { contextAt } from '../../support/code-context.ts';
import { hang, type Script, scriptedProvider, textOf } from '../../support/scripted-provider.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

interface Told {
  readonly name: string;
  readonly attributes: Attributes;
  status?: object;
  ended: number;
}

const spans: Told[] = [];
const figures: { readonly name: string; readonly value: number; readonly attributes: Attributes }[] = [];
const question = chatRequest([{ role: 'user', content: 'secret question' }], { maxTokens: 50, temperature: 0.5 });
const completion = completionRequest({ context: contextAt('secret█code') });
const { signal } = new AbortController();

beforeEach(() => {
  trace.setGlobalTracerProvider({
    getTracer: () =>
      ({
        startSpan(name: string, { attributes }: { attributes: Attributes }) {
          const told: Told = { name, attributes: { ...attributes }, ended: 0 };
          spans.push(told);
          return {
            setAttribute: (key: string, value: string) => void Object.assign(told.attributes, { [key]: value }),
            setAttributes: (more: Attributes) => void Object.assign(told.attributes, more),
            setStatus: (status: object) => void Object.assign(told, { status }),
            end() {
              told.ended += 1;
            },
          } as unknown as Span;
        },
      }) as unknown as ReturnType<typeof trace.getTracer>,
  });
  metrics.setGlobalMeterProvider({
    getMeter: () =>
      ({
        createHistogram: (name: string) => ({
          record: (value: number, attributes: Attributes) => void figures.push({ name, value, attributes }),
        }),
      }) as unknown as ReturnType<typeof metrics.getMeter>,
  });
});
afterEach(() => {
  trace.disable();
  metrics.disable();
  spans.length = 0;
  figures.length = 0;
});

function create(answer: Script['answer'], settings: { content?: boolean } = {}) {
  const clock = createVirtualClock();
  const log = { error() {}, warn() {}, info() {}, debug() {} };
  const middleware = createMiddleware({ version: '1', threadFile: '', clock, log });
  middleware.configure([{ kind: 'openTelemetry', ...settings }]);
  const inner = scriptedProvider({ name: 'mine', answer });
  return { clock, inner, provider: middleware.observe(inner, 'gemini') };
}

test('a chat is a span with its model, its settings, its tokens and how it ended', async () => {
  const { provider } = create(['Be', 'cause.']);
  expect(await textOf(provider.streamChat(question, signal))).toBe('Because.');
  expect(spans).toEqual([
    {
      name: 'chat mine-1',
      ended: 1,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'gcp.gemini',
        'gen_ai.request.model': 'mine-1',
        'gen_ai.request.max_tokens': 50,
        'gen_ai.request.temperature': 0.5,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.response.model': 'mine-1',
        'gen_ai.usage.input_tokens': 5,
        'gen_ai.usage.output_tokens': 2,
        'inkling.provider': 'mine',
      },
    },
  ]);
  expect(figures.map(({ name, value }) => [name, value])).toEqual([
    ['gen_ai.client.operation.time_to_first_chunk', 0],
    ['gen_ai.client.token.usage', 5],
    ['gen_ai.client.token.usage', 2],
    ['gen_ai.client.operation.duration', 0],
  ]);
});

test('no text is told, neither asked nor answered, unless it is asked for', async () => {
  for (const content of [false, true]) {
    const { provider } = create(['secret answer'], { content });
    await provider.chat(question, signal);
    await textOf(provider.streamChat(question, signal));
    await provider.completeCode(completion, signal);
    await textOf(provider.streamCode?.(completion, signal) ?? provider.streamChat(question, signal));
  }
  const texts = spans.map(({ attributes }) => JSON.stringify(attributes));
  expect(texts.slice(0, 4).filter((text) => text.includes('secret'))).toEqual([]);
  for (const text of texts.slice(4)) expect(text).toMatch(/input\.messages.*secret.*output\.messages.*secret answer/);
});

test('a failure is a status and its kind; a cancel is none', async () => {
  const failing = create([new AiError('overloaded', 'mine', 'Busy.')]);
  await expect(failing.provider.chat(question, signal)).rejects.toThrow('Busy.');
  expect(spans[0]).toMatchObject({ status: { code: 2, message: 'Busy.' }, attributes: { 'error.type': 'overloaded' } });
  expect(figures.at(-1)?.attributes).toMatchObject({ 'error.type': 'overloaded' });
  const hanging = create([hang]);
  const controller = new AbortController();
  const ended = expect(textOf(hanging.provider.streamChat(question, controller.signal))).rejects.toThrow();
  controller.abort();
  await ended;
  expect(spans[1]).toMatchObject({ ended: 1, attributes: { 'inkling.cancelled': true } });
  expect(spans[1]).not.toHaveProperty('status');
});

test('a stream that its reader leaves is ended once', async () => {
  const { provider, inner } = create(['a', 'b']);
  for await (const _chunk of provider.streamChat(question, signal)) break;
  expect(spans).toMatchObject([{ ended: 1 }]);
  expect(inner.counts.ended).toBe(1);
});

test('a set-up that throws does not reach the call', async () => {
  trace.setGlobalTracerProvider({
    getTracer: () =>
      ({
        startSpan() {
          throw new Error('The collector is gone.');
        },
      }) as unknown as ReturnType<typeof trace.getTracer>,
  });
  const { provider } = create(['Because.']);
  expect(await textOf(provider.streamChat(question, signal))).toBe('Because.');
});
