/** What counts as a measurement: an answer is only from the cache when it says so, and a failure ends the asking. */
import { expect, test } from 'vitest';
import type { Assistant, ChatParams, ChatResult } from '../../src/assistant/assistant.ts';
import { type BenchRow, measureProvider, median } from '../../src/cli/bench-provider.ts';

const plan = { runs: 3, mark: 'ab', signal: new AbortController().signal };

/** An assistant that only chats; a completion of it is refused. */
function chatting(answer: (params: ChatParams, asked: readonly string[]) => Partial<ChatResult>) {
  const asked: string[] = [];
  const assistant = {
    configure: () => undefined,
    settings: () => ({ providers: {} }),
    stats: () => ({ cache: { hits: 0 } }),
    documents: { open: () => true, close: () => undefined },
    complete: () => Promise.resolve({ kind: 'nothing', reason: 'Switched off.' }),
    explain: () => [{ reason: 'Switched off.', stages: [] }],
    async chat(params: ChatParams, _signal: AbortSignal, onDelta: (delta: string) => void) {
      asked.push(params.messages[0]?.content ?? '');
      onDelta('one two');
      return { message: { content: 'one two' }, cached: false, ...answer(params, asked.slice(0, -1)) };
    },
  };
  return { asked, assistant: assistant as unknown as Assistant };
}

async function rowsOf(assistant: Assistant): Promise<Readonly<Record<string, BenchRow>>> {
  const rows: Record<string, BenchRow> = {};
  for await (const row of measureProvider('fake', assistant, plan)) rows[row.request] = row;
  return rows;
}

test('the same questions again are measured as cached where the answers say so', async () => {
  const { assistant, asked } = chatting(({ messages }, before) => ({
    cached: before.includes(messages[0]?.content ?? ''),
  }));
  const rows = await rowsOf(assistant);
  expect(rows['chat']).toMatchObject({ measured: 3, estimated: true });
  expect(rows['cached chat']).toMatchObject({ measured: 3, tokensPerSecond: null });
  expect(asked.slice(3)).toEqual(asked.slice(0, 3));
});

test('an answer that the provider gave anew is never called cached, and is asked for once', async () => {
  const { assistant, asked } = chatting(() => ({ usage: { inputTokens: 9, outputTokens: 40 } }));
  const rows = await rowsOf(assistant);
  expect(rows['chat']).toMatchObject({ measured: 3, estimated: false });
  expect(rows['cached chat']).toMatchObject({
    measured: 0,
    total: null,
    failure: expect.stringContaining('not cached'),
  });
  expect(asked).toHaveLength(4);
});

test('a failure ends the asking and leaves what was measured before', async () => {
  const { assistant, asked } = chatting((_params, before) => {
    if (before.length === 1) throw new Error('Pay first.');
    return { cached: before.length > 1 };
  });
  const rows = await rowsOf(assistant);
  expect(rows['completion']).toMatchObject({ measured: 0, failure: 'Switched off.' });
  expect(rows['chat']).toMatchObject({ measured: 1, failure: 'Pay first.' });
  expect(rows['cached chat']).toMatchObject({ measured: 1 });
  expect(asked).toHaveLength(3);
});

test('the median is the middle, or the mean of the middle two', () => {
  expect(median([])).toBeNull();
  expect(median([undefined, 3])).toBe(3);
  expect(median([9, 1, 4])).toBe(4);
  expect(median([9, 1, 4, 6])).toBe(5);
});
