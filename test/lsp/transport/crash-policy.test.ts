/** A rejection is survived, and an exception of a user's module; a storm of them or any other exception is not, and none of it loops. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Log } from '../../../src/domain/ports.ts';
import { installCrashPolicy } from '../../../src/lsp/transport/crash-policy.ts';
import { runForeignCode } from '../../../src/util/foreign-code.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { createMemoryLog } from './support.ts';

function open(log: Log = createMemoryLog()) {
  const source = new EventEmitter();
  const clock = createVirtualClock();
  const exits: number[] = [];
  const policy = installCrashPolicy({ clock, log, exit: (code) => exits.push(code), process: source });
  const reject = (reason: unknown): void => void source.emit('unhandledRejection', reason);
  const fail = (error: unknown): void => void source.emit('uncaughtException', error);
  return { source, clock, exits, policy, reject, fail };
}

const brokenPipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

describe('a rejection', () => {
  test('is logged, and the server goes on', () => {
    const log = createMemoryLog();
    const { exits, reject } = open(log);
    for (let count = 0; count < 19; count++) reject(new Error('lost'));
    expect(log.lines).toHaveLength(19);
    expect(log.lines[0]).toContain('Error: lost');
    expect(exits).toEqual([]);
  });

  test('is fatal when it is the twentieth in a minute', () => {
    const { exits, reject } = open();
    for (let count = 0; count < 25; count++) reject(new Error('lost'));
    expect(exits).toEqual([1]);
  });

  test('is not when they are spread over more', async () => {
    const { clock, exits, reject } = open();
    for (let count = 0; count < 200; count++) {
      reject('lost');
      await clock.advance(3200);
    }
    expect(exits).toEqual([]);
  });

  test('of a cancelled call is nothing', () => {
    const log = createMemoryLog();
    const { exits, reject } = open(log);
    for (let count = 0; count < 100; count++) reject(AbortSignal.abort().reason);
    expect(log.lines).toEqual([]);
    expect(exits).toEqual([]);
  });
});

describe('an exception', () => {
  test('is logged and ends the process, once', () => {
    const log = createMemoryLog();
    const { exits, fail } = open(log);
    fail(new Error('broken'));
    fail(new Error('broken while ending'));
    expect(log.lines).toHaveLength(1);
    expect(exits).toEqual([1]);
  });

  test('of a pipe that is gone ends it without a word', () => {
    const log = createMemoryLog();
    const { exits, fail } = open(log);
    fail(brokenPipe);
    expect(log.lines).toEqual([]);
    expect(exits).toEqual([1]);
  });

  test('that the log itself throws ends it too', () => {
    const failing = () => {
      throw brokenPipe;
    };
    const { exits, reject } = open({ error: failing, warn: failing, info: failing, debug: failing });
    reject(new Error('lost'));
    expect(exits).toEqual([1]);
  });
});

test('dispose takes the handlers away', () => {
  const { source, policy } = open();
  policy.dispose();
  expect(source.eventNames()).toEqual([]);
});

describe('an exception of a user’s module', () => {
  test('is logged under its name, and the server goes on', () => {
    const log = createMemoryLog();
    const { exits, fail } = open(log);
    runForeignCode('mine', () => fail(new Error('in a timer')));
    expect(log.lines.join()).toMatch(/module of mine.*in a timer/);
    expect(exits).toEqual([]);
  });

  test('is fatal when it is the twentieth in a minute', () => {
    const { exits, fail } = open();
    for (let count = 0; count < 25; count++) runForeignCode('mine', () => fail(new Error('again')));
    expect(exits).toEqual([1]);
  });
});
