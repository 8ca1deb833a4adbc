/** How a streamed answer is left: read to its end, so that its connection can be used again, and closed where nobody reads on. */
import { expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import { type AnswerContext, type AnswerFormat, readAnswer } from '../../../src/providers/http/read-answer.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const format: AnswerFormat = {
  async *values(body) {
    for await (const bytes of body) yield [JSON.parse(Buffer.from(bytes).toString())];
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

/** A stream of these values, those in one list in one piece; an `Error` is one. */
async function read(
  pieces: readonly (readonly unknown[])[],
  format: Partial<AnswerFormat> = {},
  type = 'text/event-stream',
) {
  const whole: AnswerFormat = {
    async *values() {
      yield* pieces;
    },
    partOf: (value) => (typeof value === 'string' ? { text: value } : Object(value)),
    isError: (value) => value instanceof Error,
    ...format,
  };
  const context: AnswerContext = {
    provider: 'p',
    model: 'm',
    clock: createVirtualClock(),
    signal: new AbortController().signal,
    answerError: () => new AiError('overloaded', 'p', 'no'),
  };
  async function* body() {
    yield Buffer.from(JSON.stringify(pieces[0]?.[0] ?? null));
  }
  const chunks: unknown[] = [];
  const answer = { header: (name: string) => (name === 'content-type' ? type : undefined), body: body(), close() {} };
  try {
    for await (const chunk of readAnswer(answer, whole, context)) chunks.push(chunk);
  } catch (error) {
    chunks.push(error instanceof AiError ? error.kind : error);
  }
  return chunks;
}

const finish = { reason: 'stop', model: 'm' };

test('what came in one piece is one chunk, and what came before an error is not lost', async () => {
  const end = { text: '', finish: 'stop' };
  expect(await read([['a', 'b'], ['c'], ['d', end]])).toEqual([
    { text: 'ab' },
    { text: 'c' },
    { text: 'd' },
    { text: '', finish },
  ]);
  expect(await read([['a', 'b', new Error('no')], ['never']])).toEqual([{ text: 'ab' }, 'overloaded']);
});

test('an answer is whole by its finish reason, unless its wire says otherwise', async () => {
  const last = { text: '', last: true };
  expect(await read([['a', last]])).toEqual([{ text: 'a' }, 'network']);
  expect(await read([['a', last]], { isWhole: (said) => said.last === true })).toEqual([
    { text: 'a' },
    { text: '', finish },
  ]);
  const unmarked = [['a', { text: '', finish: 'stop' }]];
  expect(await read(unmarked, { isWhole: (said) => said.last === true })).toEqual([{ text: 'a' }, 'network']);
});

test('a model that refuses has not ended naturally', async () => {
  const refused = [
    { text: '', refusal: 'I can' },
    { text: '', refusal: 'not.', finish: 'stop' },
  ];
  expect(await read([refused])).toEqual([
    { text: '', refusal: 'I cannot.' },
    { text: '', finish: { ...finish, reason: 'filtered' } },
  ]);
  expect(await read([[refused[0]], [{ text: '', finish: 'stop' }]])).toEqual([
    { text: '', refusal: 'I can' },
    { text: '', finish: { ...finish, reason: 'filtered' } },
  ]);
});

test('a stream that is answered in one piece is read as one, where the wire has such answers', async () => {
  const part = { text: 'all of it', finish: 'length' };
  const wholeOf = (value: unknown) => Object(value);
  expect(await read([[part]], { wholeOf }, 'application/json; charset=utf-8')).toEqual([
    { text: 'all of it', finish: { ...finish, reason: 'length' } },
  ]);
  expect(await read([[part]], { wholeOf: () => undefined }, 'application/json')).toEqual(['server']);
  expect(await read([[part]], {}, 'text/html')).toEqual(['server']);
});
