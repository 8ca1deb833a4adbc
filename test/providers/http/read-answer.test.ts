/** How a streamed answer is left: read to its end, so that its connection can be used again, and closed where nobody reads on. */
import { expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import { type AnswerContext, type AnswerFormat, readAnswer } from '../../../src/providers/http/read-answer.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const format: AnswerFormat = {
  async *values(body) {
    for await (const bytes of body) yield { value: JSON.parse(Buffer.from(bytes).toString()), more: false };
  },
  isError: () => false,
  partOf: (value) => (value === 'end' ? { text: '', finish: 'stop', last: true } : { text: String(value) }),
};

function setup() {
  let ended: 'read to its end' | 'left' | 'open' = 'open';
  async function* body(): AsyncGenerator<Uint8Array> {
    let whole = false;
    try {
      for (const value of ['a', 'end']) yield Buffer.from(JSON.stringify(value));
      await new Promise(setImmediate);
      whole = true;
    } finally {
      ended = whole ? 'read to its end' : 'left';
    }
  }
  const context: AnswerContext = {
    provider: 'p',
    model: 'm',
    clock: createVirtualClock(),
    signal: new AbortController().signal,
    answerError: () => new AiError('server', 'p', 'm'),
  };
  const answer = readAnswer({ header: () => undefined, body: body(), close() {} }, format, context);
  return { answer, ended: () => ended };
}

test('the body is read to its end after the last part', async () => {
  const { answer, ended } = setup();
  const texts: string[] = [];
  for await (const { text } of answer) texts.push(text);
  expect(texts).toEqual(['a', '']);
  expect(ended()).toBe('read to its end');
});

test('the body is left when the answer is', async () => {
  const { answer, ended } = setup();
  for await (const _ of answer) break;
  expect(ended()).toBe('left');
});
