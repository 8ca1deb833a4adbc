import { expect, test } from 'vitest';
import { chatRequest } from '../../src/domain/chat.ts';
import { withAttemptDeadline } from '../../src/resilience/attempt-deadline.ts';
import { hang, type Script, scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const request = chatRequest([{ role: 'user', content: 'Why?' }]);
const { signal } = new AbortController();

function create(answer: Script['answer']) {
  const clock = createVirtualClock();
  const inner = scriptedProvider({ answer });
  return { clock, inner, provider: withAttemptDeadline(inner, () => ({ firstToken: 300, stall: 200 }), clock) };
}

test('a first token that does not come ends the attempt', async () => {
  const { clock, inner, provider } = create([hang]);
  const outcome = expect(textOf(provider.streamChat(request, signal))).rejects.toMatchObject({
    kind: 'timeout',
    retryable: false,
    message: expect.stringContaining('sent nothing for 300 ms'),
  });
  await clock.advance(299);
  expect(inner.counts.ended).toBe(0);
  await clock.advance(1);
  await outcome;
  expect(inner.counts.ended).toBe(1);
});

test('a silence in the middle ends it too, sooner', async () => {
  const { clock, inner, provider } = create(['Be', hang]);
  const outcome = expect(textOf(provider.streamChat(request, signal))).rejects.toMatchObject({
    message: expect.stringContaining('fell silent for 200 ms'),
  });
  await clock.advance(200);
  await outcome;
  expect(inner.counts.ended).toBe(1);
});

test('the time the reader takes does not count', async () => {
  const { clock, provider } = create(['Be', 'cause.']);
  let text = '';
  for await (const { delta } of provider.streamChat(request, signal)) {
    text += delta;
    await clock.advance(10_000);
  }
  expect(text).toBe('Because.');
  expect(clock.pending).toBe(0);
});
