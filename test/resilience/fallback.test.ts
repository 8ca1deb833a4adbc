import { expect, test } from 'vitest';
import { AiError, cancelled } from '../../src/domain/ai-error.ts';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import { type ChatRequest, chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { withFallback } from '../../src/resilience/fallback.ts';
import { contextAt } from '../support/code-context.ts';
import { type Script, scriptedProvider, textOf } from '../support/scripted-provider.ts';

const completion = completionRequest({ context: contextAt('a█') });
const request = chatRequest([{ role: 'user', content: 'Why?' }]);
const { signal } = new AbortController();
const down = new AiError('server', 'first', 'It is down.');

test('the next provider answers, and the answer says which', async () => {
  const passed: string[] = [];
  const provider = withFallback(
    [scriptedProvider({ name: 'first', answer: [down] }), scriptedProvider({ name: 'second', answer: ['yes'] })],
    ({ name }) => passed.push(name),
  );
  expect(await provider.chat(request, signal)).toMatchObject({ message: { content: 'yes' }, provider: 'second' });
  const chunks = [];
  for await (const chunk of provider.streamChat(request, signal)) chunks.push(chunk);
  expect(chunks.at(-1)).toMatchObject({ finish: { provider: 'second' } });
  expect(passed).toEqual(['first', 'first']);
});

test('when nobody can answer, the failure of the provider that was chosen is reported', async () => {
  const other = new AiError('network', 'second', 'It is gone.');
  const provider = withFallback([
    scriptedProvider({ name: 'first', answer: [down] }),
    scriptedProvider({ name: 'second', answer: [other] }),
  ]);
  await expect(provider.chat(request, signal)).rejects.toBe(down);
  await expect(textOf(provider.streamChat(request, signal))).rejects.toBe(down);
});

test('after the first delivered part nobody else is asked', async () => {
  const second = scriptedProvider({ name: 'second', answer: ['no'] });
  const provider = withFallback([scriptedProvider({ name: 'first', answer: ['half', down] }), second]);
  await expect(textOf(provider.streamChat(request, signal))).rejects.toBe(down);
  expect(second.counts.begun).toBe(0);
});

test('a cancel is passed on, not passed over', async () => {
  const second = scriptedProvider({ name: 'second', answer: ['no'] });
  const provider = withFallback([scriptedProvider({ name: 'first', answer: [cancelled('first')] }), second]);
  await expect(provider.chat(request, signal)).rejects.toMatchObject({ kind: 'cancelled' });
  expect(second.counts.begun).toBe(0);
});

test('what a filter refused is not carried to another provider', async () => {
  const second = scriptedProvider({ name: 'second', answer: ['no'] });
  const refused = new AiError('filtered', 'first', 'Refused.');
  const provider = withFallback([scriptedProvider({ name: 'first', answer: [refused] }), second]);
  await expect(provider.chat(request, signal)).rejects.toBe(refused);
  expect(second.counts.begun).toBe(0);
});

test('what was too long goes only to a provider that holds more', async () => {
  const tooLong = new AiError('contextLength', 'first', 'Too long.');
  const small = scriptedProvider({ name: 'small', answer: ['no'], contextWindow: 8_000 });
  const large = scriptedProvider({ name: 'large', answer: ['yes'], contextWindow: 200_000 });
  const first = scriptedProvider({ name: 'first', answer: [tooLong], contextWindow: 8_000 });
  expect(await withFallback([first, small, large]).chat(request, signal)).toMatchObject({ provider: 'large' });
  await expect(withFallback([first, small]).chat(request, signal)).rejects.toBe(tooLong);
  expect(small.counts.begun).toBe(0);
});

test('a completion that broke off is begun anew by the next provider', async () => {
  const providers = [
    scriptedProvider({ name: 'first', answer: ['half', down] }),
    scriptedProvider({ name: 'second', answer: ['who', 'le'] }),
  ] as const;
  const chunks = [];
  for await (const chunk of withFallback(providers).streamCode(completion, signal)) chunks.push(chunk);
  expect(chunks).toMatchObject([
    { delta: 'half', begins: { provider: 'first', model: 'first-1' } },
    { delta: 'who', begins: { provider: 'second', model: 'second-1' } },
    { delta: 'le' },
    { finish: { provider: 'second' } },
  ]);
  expect(chunks[2]).not.toHaveProperty('begins');
});

test('the model of a chat is named to the provider it was named for only', async () => {
  const asked: (string | undefined)[] = [];
  const asking = (name: string, answer: Script['answer']): AiProvider => {
    const provider = scriptedProvider({ name, answer });
    const noted = (question: ChatRequest): ChatRequest => {
      asked.push(question.model);
      return question;
    };
    return {
      ...provider,
      chat: (question, own) => provider.chat(noted(question), own),
      streamChat: (question, own) => provider.streamChat(noted(question), own),
    };
  };
  const provider = withFallback([asking('first', [down]), asking('second', ['yes'])]);
  const named = chatRequest([{ role: 'user', content: 'Why?' }], { model: 'of-the-first' });
  await provider.chat(named, signal);
  await textOf(provider.streamChat(named, signal));
  expect(asked).toEqual(['of-the-first', undefined, 'of-the-first', undefined]);
});

test('a fallback is made when it is needed, and one that cannot be made is passed over', async () => {
  let made = 0;
  const spare = async () => {
    made += 1;
    return scriptedProvider({ name: 'spare', answer: ['yes'] });
  };
  const unmakeable = () => Promise.reject(new AiError('notConfigured', 'unmakeable', 'It has no address.'));
  expect(await textOf(withFallback([scriptedProvider({ answer: ['no'] }), spare]).streamChat(request, signal))).toBe(
    'no',
  );
  expect(made).toBe(0);
  const provider = withFallback([scriptedProvider({ name: 'first', answer: [down] }), unmakeable, spare]);
  expect(await textOf(provider.streamCode(completion, signal))).toBe('yes');
  expect((await provider.chat(request, signal)).message.content).toBe('yes');
  expect(made).toBe(2);
  const hopeless = withFallback([scriptedProvider({ name: 'first', answer: [down] }), unmakeable]);
  await expect(hopeless.chat(request, signal)).rejects.toBe(down);
});
