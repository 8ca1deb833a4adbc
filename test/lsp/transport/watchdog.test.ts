/** Only "no such process", from a process that was there, ends the server. */
import { describe, expect, test } from 'vitest';
import { createWatchdog } from '../../../src/lsp/transport/watchdog.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { createMemoryLog } from './support.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

function open() {
  const clock = createVirtualClock();
  const log = createMemoryLog();
  const errors = new Map<number, Error>();
  const asked: number[] = [];
  let gone = 0;
  const watchdog = createWatchdog({
    clock,
    log,
    onParentGone: () => gone++,
    kill(processId) {
      asked.push(processId);
      const error = errors.get(processId);
      if (error !== undefined) throw error;
    },
  });
  return { clock, log, errors, asked, watchdog, gone: () => gone };
}

describe('the process that is watched', () => {
  test('is asked for every second, and its death is told within one', async () => {
    const { clock, errors, asked, watchdog, gone } = open();
    watchdog.watch(4711);
    await clock.advance(60_000);
    expect(asked).toHaveLength(61);
    expect(gone()).toBe(0);
    errors.set(4711, failure('ESRCH'));
    await clock.advance(1000);
    expect(gone()).toBe(1);
    await clock.advance(60_000);
    expect(gone()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test.each(['EPERM', 'EINVAL'])('is alive when the answer is %s, first or later', async (code) => {
    const { clock, log, errors, watchdog, gone } = open();
    errors.set(4711, failure(code));
    watchdog.watch(4711);
    await clock.advance(5000);
    errors.delete(4711);
    await clock.advance(5000);
    errors.set(4711, failure(code));
    await clock.advance(5000);
    expect(gone()).toBe(0);
    expect(log.lines).toEqual([]);
    errors.set(4711, failure('ESRCH'));
    await clock.advance(1000);
    expect(gone()).toBe(1);
  });

  test('that was never there is left alone, with a note', async () => {
    const { clock, log, errors, asked, watchdog, gone } = open();
    errors.set(4711, failure('ESRCH'));
    watchdog.watch(4711);
    await clock.advance(60_000);
    expect(gone()).toBe(0);
    expect(asked).toHaveLength(1);
    expect(log.lines).toHaveLength(1);
  });

  test('is the latest that was named', async () => {
    const { clock, errors, watchdog, gone } = open();
    watchdog.watch(1);
    watchdog.watch(2);
    errors.set(1, failure('ESRCH'));
    await clock.advance(5000);
    expect(gone()).toBe(0);
    errors.set(2, failure('ESRCH'));
    await clock.advance(1000);
    expect(gone()).toBe(1);
  });
});

test.each([[null], [undefined], [0], [-1], [1.5], [Number.NaN]])(
  '%j is no process, and ends no watch',
  async (processId) => {
    const { clock, errors, asked, watchdog, gone } = open();
    watchdog.watch(processId);
    await clock.advance(5000);
    expect(asked).toEqual([]);
    watchdog.watch(4711);
    watchdog.watch(processId);
    errors.set(4711, failure('ESRCH'));
    await clock.advance(1000);
    expect(gone()).toBe(1);
  },
);

test('dispose ends the watch', () => {
  const { clock, watchdog } = open();
  watchdog.watch(4711);
  watchdog.dispose();
  expect(clock.pending).toBe(0);
});
