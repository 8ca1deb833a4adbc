/** A provider whose key has to be asked for: its calls wait for the key, and are made once more where it was changed. */
import { describe, expect, test } from 'vitest';
import type { DistantKey, EntryKey } from '../../src/credentials/entry-key.ts';
import { withApiKey } from '../../src/credentials/with-api-key.ts';
import { AiError } from '../../src/domain/ai-error.ts';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { Secret } from '../../src/domain/secret.ts';
import { isRefusal } from '../../src/resilience/failure.ts';
import { contextAt } from '../support/code-context.ts';
import { scriptedProvider } from '../support/scripted-provider.ts';

const never = new AbortController().signal;
const question = chatRequest([{ role: 'user', content: 'Why?' }]);
const refusal = new AiError('authentication', 'scripted', 'Check OPENAI_API_KEY.', { status: 401, requestId: 'r1' });

interface Scene {
  /** The keys there are, newest last; each refusal takes the next one. */
  readonly keys: string[];
  /** What the provider answers to a key; an error is thrown after the parts before it. */
  answer(key: string): readonly (string | Error)[];
}

function scene({ keys, answer }: Scene) {
  const heard: string[] = [];
  let at = 0;
  const distant: DistantKey = {
    look: async () => undefined,
    glance: async () => ({ source: 'a test' }),
    ready: async (patience) => void heard.push(`ready for ${patience}`),
    async refused(key) {
      heard.push(`${key.reveal()} refused`);
      if (at + 1 >= keys.length) return false;
      at += 1;
      return true;
    },
    worked: (key) => void heard.push(`${key.reveal()} worked`),
    health: () => ({ state: 'degraded', message: 'as the key says' }),
    advice: () => 'Store another one.',
    askAgain: () => undefined,
    dispose: () => undefined,
  };
  const key: EntryKey = {
    now: () => new Secret(keys[at] ?? ''),
    describe: async () => ({ source: 'a test' }),
    distant,
  };
  const sent: string[] = [];
  const inner = (): AiProvider => {
    sent.push(keys[at] ?? '');
    return scriptedProvider({ answer: answer(keys[at] ?? '') });
  };
  const provider = withApiKey(
    {
      ...scriptedProvider({ answer: [] }),
      chat: (request, signal) => inner().chat(request, signal),
      streamChat: (request, signal) => inner().streamChat(request, signal),
      completeCode: (request, signal) => inner().completeCode(request, signal),
      lastHealth: () => ({ state: 'ready' }),
      initialize: async () => void heard.push('initialized'),
    },
    key,
  );
  return { provider, heard, sent };
}

const good = (key: string) => (key === 'new' ? ['fine'] : [refusal]);

async function streamed(provider: AiProvider): Promise<string> {
  let text = '';
  for await (const { delta } of provider.streamChat(question, never)) text += delta;
  return text;
}

describe.each<[string, (provider: AiProvider) => Promise<string>]>([
  ['a call', async (provider) => (await provider.chat(question, never)).message.content],
  ['a stream', streamed],
])('%s', (_, run) => {
  test('goes out with the key when that is there', async () => {
    const { provider, heard, sent } = scene({ keys: ['new'], answer: good });
    expect(await run(provider)).toBe('fine');
    expect(sent).toEqual(['new']);
    expect(heard).toEqual(['ready for asking', 'new worked']);
  });

  test('goes out once more where another key takes the place of the refused one', async () => {
    const { provider, heard, sent } = scene({ keys: ['old', 'new'], answer: good });
    expect(await run(provider)).toBe('fine');
    expect(sent).toEqual(['old', 'new']);
    expect(heard).toContain('old refused');
  });

  test.each([[['old']], [['old', 'older', 'oldest']]])(
    'fails in the words of the key, after at most two tries: %j',
    async (keys) => {
      const { provider, sent } = scene({ keys, answer: good });
      const failure = await run(provider).catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: 'authentication', message: 'Store another one. (401)', requestId: 'r1' });
      // The breaker is to take it for the provider's own answer.
      expect(isRefusal(failure)).toBe(false);
      expect(sent).toHaveLength(Math.min(2, keys.length));
    },
  );

  test('that fails by anything else is left alone', async () => {
    const { provider, heard, sent } = scene({
      keys: ['old', 'new'],
      answer: () => [new AiError('server', 'scripted', 'No.')],
    });
    await expect(run(provider)).rejects.toThrow('No.');
    expect(sent).toEqual(['old']);
    expect(heard).toEqual(['ready for asking']);
  });
});

test('a stream of which something was read is not begun anew', async () => {
  const { provider, sent } = scene({ keys: ['old', 'new'], answer: () => ['half', refusal] });
  await expect(streamed(provider)).rejects.toThrow('Check OPENAI_API_KEY.');
  expect(sent).toEqual(['old']);
});

test('who types waits little, who asks waits', async () => {
  const { provider, heard } = scene({ keys: ['new'], answer: good });
  const context = contextAt('a█');
  await provider.completeCode(completionRequest({ context, trigger: 'automatic' }), never);
  await provider.completeCode(completionRequest({ context, trigger: 'explicit' }), never);
  await provider.initialize?.(never);
  expect(heard.filter((line) => !line.endsWith('worked'))).toEqual([
    'ready for typing',
    'ready for asking',
    'ready for asking',
    'initialized',
  ]);
});

test('what is known of the key goes before what the provider thinks', () => {
  expect(scene({ keys: ['new'], answer: good }).provider.lastHealth?.().message).toBe('as the key says');
});

test('nothing stands around a provider whose key is at hand', () => {
  const inner = scriptedProvider({ answer: [] });
  expect(withApiKey(inner, { now: () => undefined, describe: async () => ({ missing: '' }) })).toBe(inner);
});
