/** One call at a time, chat first, and nobody who gave up holds up the others. */
import { expect, test } from 'vitest';
import { createTurns, inTurn, type TurnKind } from '../../src/providers/one-at-a-time.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

/** Takes turns, notes their order, and lets the test end the one that runs. */
function setup() {
  const turns = createTurns('p', createVirtualClock());
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const take = (kind: TurnKind, name: string, signal = never) =>
    turns.take(kind, signal).then((end) => {
      order.push(name);
      ends.push(end);
    });
  const settle = () => new Promise(setImmediate);
  return {
    take,
    order,
    settle,
    async endOne() {
      ends.shift()?.();
      await settle();
    },
  };
}

test('chat comes before completion before the rest, equals in order', async () => {
  const { take, order, endOne, settle } = setup();
  const all = [
    take('other', 'running'),
    take('other', 'warm-up'),
    take('completion', 'first'),
    take('chat', 'chat'),
    take('completion', 'second'),
  ];
  await settle();
  expect(order).toEqual(['running']);
  for (let ended = 0; ended < 5; ended++) await endOne();
  await Promise.all(all);
  expect(order).toEqual(['running', 'chat', 'first', 'second', 'warm-up']);
});

test('who gives up waiting leaves the queue, and is told so', async () => {
  const { take, order, endOne, settle } = setup();
  const abort = new AbortController();
  await take('chat', 'running');
  const given = take('chat', 'given up', abort.signal);
  const next = take('completion', 'next');
  abort.abort();
  await expect(given).rejects.toMatchObject({ kind: 'cancelled' });
  await endOne();
  await next;
  await settle();
  expect(order).toEqual(['running', 'next']);
  await expect(take('chat', 'never', AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
});

test('a call that is aborted gives its turn away, even when nobody reads it on', async () => {
  const { take, order } = setup();
  const abort = new AbortController();
  await take('chat', 'aborted', abort.signal);
  const next = take('chat', 'next');
  abort.abort();
  await next;
  expect(order).toEqual(['aborted', 'next']);
});

test('ending twice does not let two in', async () => {
  const turns = createTurns('p', createVirtualClock());
  const end = await turns.take('chat', never);
  const second = turns.take('chat', never);
  const third = turns.take('chat', never);
  end();
  end();
  const endSecond = await second;
  const early = await Promise.race([third, new Promise((resolve) => setImmediate(() => resolve('waiting')))]);
  expect(early).toBe('waiting');
  endSecond();
  await third;
});

test('a stream holds its turn until it is left', async () => {
  const turns = createTurns('p', createVirtualClock());
  async function* numbers() {
    yield 1;
    yield 2;
  }
  const stream = inTurn(turns.take('chat', never), numbers);
  await stream.next();
  let entered = false;
  const next = turns.take('chat', never).then(() => {
    entered = true;
  });
  await new Promise(setImmediate);
  expect(entered).toBe(false);
  await stream.return();
  await next;
});

test('who waits too long is told that nothing is wrong, and makes room', async () => {
  const clock = createVirtualClock();
  const turns = createTurns('p', clock);
  const end = await turns.take('chat', never);
  const impatient = turns.take('completion', never, 250);
  const settled = impatient.catch((error: unknown) => error);
  const patient = turns.take('completion', never, 5000);
  await clock.advance(250);
  expect(await settled).toMatchObject({ kind: 'overloaded', retryable: false });
  end();
  await patient;
  expect(clock.pending).toBe(0);
});
