/** Places are never more than told, go by priority, and are not waited for beyond a time or after giving up. */
import { expect, test } from 'vitest';
import { createTurnQueue, type TurnQueue } from '../../src/util/turn-queue.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

/** Enters by name and notes who got in; leaves by name. */
function setup(places: number) {
  const clock = createVirtualClock();
  const queue: TurnQueue = createTurnQueue(clock);
  const inside: string[] = [];
  const leave = new Map<string, () => void>();
  const enter = async (name: string, priority = 0, longestWait?: number, signal = never) => {
    const given = await queue.enter({ places, priority, longestWait }, signal);
    if (given === undefined) return 'too late';
    inside.push(name);
    leave.set(name, given);
    return 'in';
  };
  const leaves = async (name: string) => {
    leave.get(name)?.();
    await clock.advance(0);
  };
  return { clock, inside, enter, leaves };
}

test('so many at once, then by priority, equals in order', async () => {
  const { inside, enter, leaves } = setup(2);
  const all = [enter('a'), enter('b'), enter('last', 2), enter('second', 1), enter('third', 1), enter('first', 0)];
  await leaves('nobody');
  expect(inside).toEqual(['a', 'b']);
  for (const name of ['a', 'b', 'first', 'second']) await leaves(name);
  await Promise.all(all);
  expect(inside).toEqual(['a', 'b', 'first', 'second', 'third', 'last']);
});

test('who leaves twice lets one in', async () => {
  const { inside, enter, leaves } = setup(1);
  const all = [enter('a'), enter('b'), enter('c')];
  await leaves('nobody');
  await leaves('a');
  await leaves('a');
  expect(inside).toEqual(['a', 'b']);
  await leaves('b');
  await Promise.all(all);
});

test('who waits too long or gives up makes room, and leaves no timer', async () => {
  const { clock, inside, enter, leaves } = setup(1);
  await enter('a');
  const abort = new AbortController();
  const late = enter('late', 0, 100);
  const given = enter('given up', 0, 1000, abort.signal);
  const patient = enter('patient', 1);
  abort.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  await clock.advance(100);
  expect(await late).toBe('too late');
  expect(clock.pending).toBe(0);
  await leaves('a');
  expect(await patient).toBe('in');
  expect(inside).toEqual(['a', 'patient']);
  await expect(enter('never', 0, undefined, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
});
