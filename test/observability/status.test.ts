import { expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { BUSY_AFTER, createStatusTracker, type Status } from '../../src/observability/status.ts';
import { scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const request = chatRequest([{ role: 'user', content: 'Why?' }]);
const { signal } = new AbortController();

function create() {
  const clock = createVirtualClock();
  const tracker = createStatusTracker(clock);
  const told: Status[] = [];
  tracker.setIdle({ kind: 'Normal', message: 'Ready.', provider: 'scripted' });
  tracker.onChange((status) => told.push(status));
  return { tracker, told, clock };
}

test('says when a remote provider keeps the user waiting, and when it does not any more', async () => {
  const { tracker, told, clock } = create();
  const leaving = new AbortController();
  const slow = scriptedProvider({ answer: ['hang'] });
  const answer = textOf(tracker.watch(slow).streamChat(request, leaving.signal));
  await clock.advance(BUSY_AFTER - 1);
  expect(told).toEqual([]);
  await clock.advance(1);
  expect(told.map(({ busy }) => busy)).toEqual([true]);
  leaving.abort();
  await expect(answer).rejects.toThrow();
  expect(told.map(({ busy }) => busy)).toEqual([true, false]);
});

test('an answer that comes at once is not worth a word', async () => {
  const { tracker, told, clock } = create();
  await textOf(tracker.watch(scriptedProvider({ answer: ['yes'] })).streamChat(request, signal));
  await clock.advance(BUSY_AFTER);
  expect(told).toEqual([]);
});

test('a provider in this process is not worth a word', async () => {
  const { tracker, told } = create();
  await textOf(tracker.watch(scriptedProvider({ answer: ['yes'], local: true })).streamChat(request, signal));
  expect(told).toEqual([]);
});

test('a failure stays until the same provider answers', async () => {
  const { tracker } = create();
  const refused = new AiError('authentication', 'scripted', 'Check the key.');
  await expect(tracker.watch(scriptedProvider({ answer: [refused] })).chat(request, signal)).rejects.toThrow();
  expect(tracker.current()).toMatchObject({ busy: false, kind: 'Error', message: 'Check the key.', failed: 'chat' });
  await tracker.watch(scriptedProvider({ name: 'other', answer: ['yes'] })).chat(request, signal);
  expect(tracker.current().kind).toBe('Error');
  await tracker.watch(scriptedProvider({ answer: ['yes'] })).chat(request, signal);
  expect(tracker.current()).toEqual({ busy: false, kind: 'Normal', message: 'Ready.', provider: 'scripted' });
});

test('a failure that passes has passed when its provider is found well; others stay', async () => {
  for (const [kind, after] of [
    ['network', 'Normal'],
    ['authentication', 'Error'],
  ] as const) {
    const { tracker, told } = create();
    const broken = scriptedProvider({ answer: [new AiError(kind, 'scripted', 'No.')] });
    await expect(tracker.watch(broken).chat(request, signal)).rejects.toThrow();
    const { length } = told;
    tracker.foundWell('other');
    expect(told).toHaveLength(length);
    tracker.foundWell('scripted');
    expect(told.at(-1)?.kind).toBe(after);
  }
});
