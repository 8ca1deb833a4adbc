import { expect, test } from 'vitest';
import { chatRequest } from '../../src/domain/chat.ts';
import { withDeadline } from '../../src/resilience/deadline.ts';
import { hang, type Script, scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const request = chatRequest([{ role: 'user', content: 'Why?' }]);

function create(answer: Script['answer']) {
  const clock = createVirtualClock();
  const inner = scriptedProvider({ answer });
  return { clock, inner, provider: withDeadline(inner, () => 1_000, clock) };
}

const timeout = { kind: 'timeout', provider: 'scripted', message: expect.stringContaining('1000 ms') };

test('what ends in time passes unchanged and leaves no timer', async () => {
  const { provider, clock } = create(['Be', 'cause.']);
  expect(await textOf(provider.streamChat(request, new AbortController().signal))).toBe('Because.');
  expect((await provider.chat(request, new AbortController().signal)).message.content).toBe('Because.');
  expect(clock.pending).toBe(0);
});

test('a call that hangs fails as a timeout and is closed', async () => {
  const { provider, clock, inner } = create([hang]);
  const answer = provider.chat(request, new AbortController().signal);
  const outcome = expect(answer).rejects.toMatchObject(timeout);
  await clock.advance(999);
  expect(inner.counts.ended).toBe(0);
  await clock.advance(1);
  await outcome;
  expect(inner.counts.ended).toBe(1);
});

test('a stream that stalls in the middle fails too, after what came was delivered', async () => {
  const { provider, clock, inner } = create(['Be', hang]);
  const stream = provider.streamChat(request, new AbortController().signal)[Symbol.asyncIterator]();
  expect((await stream.next()).value).toEqual({ delta: 'Be' });
  const rest = expect(stream.next()).rejects.toMatchObject(timeout);
  await clock.advance(1_000);
  await rest;
  expect(inner.counts.ended).toBe(1);
});

test('a cancel stays a cancel', async () => {
  const { provider, clock } = create([hang]);
  const controller = new AbortController();
  const answer = expect(provider.chat(request, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  controller.abort();
  await answer;
  expect(clock.pending).toBe(0);
});

test('leaving a stream closes it and its timer', async () => {
  const { provider, clock, inner } = create(['Be', hang]);
  for await (const { delta } of provider.streamChat(request, new AbortController().signal)) {
    expect(delta).toBe('Be');
    break;
  }
  expect(clock.pending).toBe(0);
  await clock.advance(0);
  expect(inner.counts.ended).toBe(1);
});
