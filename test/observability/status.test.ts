import { expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { createStatusTracker, type Status } from '../../src/observability/status.ts';
import { scriptedProvider, textOf } from '../support/scripted-provider.ts';

const request = chatRequest([{ role: 'user', content: 'Why?' }]);
const { signal } = new AbortController();

function create() {
  const tracker = createStatusTracker();
  const told: Status[] = [];
  tracker.setIdle('Normal', 'Ready.');
  tracker.onChange((status) => told.push(status));
  return { tracker, told };
}

test('says when a remote provider is asked, and when it is not any more', async () => {
  const { tracker, told } = create();
  await textOf(tracker.watch(scriptedProvider({ answer: ['yes'] })).streamChat(request, signal));
  expect(told.map(({ busy }) => busy)).toEqual([true, false]);
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
  expect(tracker.current()).toEqual({ busy: false, kind: 'Error', message: 'Check the key.' });
  await tracker.watch(scriptedProvider({ name: 'other', answer: ['yes'] })).chat(request, signal);
  expect(tracker.current().kind).toBe('Error');
  await tracker.watch(scriptedProvider({ answer: ['yes'] })).chat(request, signal);
  expect(tracker.current()).toEqual({ busy: false, kind: 'Normal', message: 'Ready.' });
});
