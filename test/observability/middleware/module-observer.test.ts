/** A user's observer in its thread: what it is told, and that whatever it does, calls go on and the log says why it is off. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { AiProvider } from '../../../src/domain/ai-provider.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { createMiddleware, type MiddlewareEntry } from '../../../src/observability/middleware/middleware.ts';
import { bundleObserverThread, writeObserver } from '../../support/observer-thread.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';
import { scriptedProvider, textOf } from '../../support/scripted-provider.ts';

const { signal } = new AbortController();
const question = chatRequest([{ role: 'user', content: 'secret question' }]);
let folder: string;
let threadFile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkling-thread-'));
  threadFile = await bundleObserverThread(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type ModuleEntry = Extract<MiddlewareEntry, { kind: 'module' }>;

function open(source: string, more: Partial<ModuleEntry> = {}) {
  const observer = writeObserver(source);
  const { clock, log, logged } = providerDependencies();
  const middleware = createMiddleware({ version: '1', threadFile, clock, log });
  onTestFinished(() => middleware.dispose());
  const entry: MiddlewareEntry = { kind: 'module', module: observer.module, options: { file: observer.file }, ...more };
  middleware.configure([entry]);
  const inner: AiProvider = scriptedProvider({ name: 'mine', answer: ['Be', 'cause.'] });
  return {
    ...observer,
    middleware,
    entry,
    clock,
    logged,
    warnings: () => logged.filter((line) => line.startsWith('The middleware module')),
    ask: () => textOf(middleware.observe(inner, 'openai').streamChat(question, signal)),
    /** Resolves when the module, or the program about it, has logged this. */
    logs: (words: string | RegExp, times = 1) =>
      vi.waitFor(() => expect(logged.filter((line) => line.match(words))).toHaveLength(times), {
        timeout: 15_000,
        interval: 2,
      }),
  };
}

const recorder = `
  import { appendFileSync } from 'node:fs';
  export default ({ apiVersion, options, log }) => {
    const write = (record) => appendFileSync(options.file, JSON.stringify(record) + '\\n');
    write({ apiVersion });
    const seen = new Map();
    return {
      callStarted(call) { seen.set(call, 0); write({ started: call }); },
      firstPart(call, { time }) { write({ firstPart: seen.has(call), time }); },
      callEnded(call, outcome) { write({ ended: seen.has(call), outcome }); log.info('told', { id: call.id }); },
      dispose() { write('disposed'); },
    };
  };`;

test('it is told of a call by plain data, the same call each time', async () => {
  const { ask, logs, records } = open(recorder);
  expect(await ask()).toBe('Because.');
  await logs('told');
  expect(records()).toEqual([
    { apiVersion: 1 },
    {
      started: {
        id: expect.any(Number),
        provider: 'mine',
        kind: 'openai',
        model: 'mine-1',
        feature: 'chat',
        startedAt: 1_750_000_000_000,
      },
    },
    { firstPart: true, time: 0 },
    {
      ended: true,
      outcome: {
        state: 'done',
        time: 0,
        timeToFirstPart: 0,
        finishReason: 'stop',
        model: 'mine-1',
        usage: { inputTokens: 5, outputTokens: 2 },
      },
    },
  ]);
});

test('it is told what was asked and answered where its entry says so', async () => {
  const { ask, logs, records } = open(recorder, { content: true });
  await ask();
  await logs('told');
  expect(records()).toMatchObject([
    {},
    { started: { request: { messages: [{ role: 'user', content: 'secret question' }] } } },
    {},
    { outcome: { answer: 'Because.' } },
  ]);
});

test('it stays while its entry does, and is disposed after its last call when that goes', async () => {
  const { ask, logs, records, middleware, entry } = open(recorder);
  await ask();
  middleware.configure([{ kind: 'log' }, { ...entry }]);
  const under = middleware.observe(scriptedProvider({ name: 'mine', answer: ['a', 'b'] }), 'openai');
  const stream = under.streamChat(question, signal)[Symbol.asyncIterator]();
  await stream.next();
  middleware.configure([]);
  await logs('told');
  expect(JSON.stringify(records())).not.toContain('disposed');
  await stream.next();
  await stream.next();
  await vi.waitFor(() => expect(records().at(-1)).toBe('disposed'));
  const made = records().filter((record) => Object.hasOwn(record as object, 'apiVersion'));
  expect([made.length, records().length]).toEqual([1, 8]);
  await stream.next();
});

test('it is told before the program ends', async () => {
  const { ask, records, middleware } = open(recorder);
  await ask();
  await middleware.dispose();
  expect(records().at(-1)).toBe('disposed');
});

test.each([
  ['throws', 'throw new Error("secret")', /callEnded threw Error at .*observer\.mjs:2/],
  ['rejects', 'return Promise.reject(new TypeError("secret"))', /callEnded threw TypeError at/],
  ['throws something odd', 'throw { toString() { throw 1 } }', /callEnded threw something that is no error/],
  [
    'leaves a rejection to nobody',
    'Promise.reject(new RangeError("secret"))',
    /RangeError at .* was thrown with nobody to catch it/,
  ],
  [
    'throws in a timer',
    'setTimeout(() => { throw new Error("secret"); })',
    /Error at .* was thrown with nobody to catch it/,
  ],
  ['exits', 'process.exit(0)', /its thread ended/],
  ['takes all memory', 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length + 0.5))', /its thread ended/],
])(
  'one that %s is switched off after five times, with one message',
  async (_, deed, reason) => {
    const { ask, logs, logged, warnings } = open(`export default ({ log }) => ({
    callEnded() { ${deed} } });`);
    for (let times = 1; times <= 5; times++) {
      expect(await ask()).toBe('Because.');
      await logs(/failed/, times);
    }
    expect(await ask()).toBe('Because.');
    expect(warnings()[4]).toMatch(/observer\.mjs is switched off until .* failed 5 times within 10 minutes/);
    expect(warnings()[4]).toMatch(reason);
    expect(logged).toHaveLength(5);
    expect(logged.join()).not.toContain('secret');
  },
  60_000,
);

test('failures far apart are forgiven', async () => {
  const { ask, logs, logged, clock } = open(`export default () => ({ callEnded() { throw new Error(); } });`);
  for (let times = 1; times <= 8; times++) {
    await ask();
    await logs(/failed/, times);
    await clock.advance(200_000);
  }
  expect(logged.join()).not.toContain('switched off');
});

test.each([
  ['never pauses', 'for (;;);'],
  ['never resolves', 'return new Promise(() => {});'],
])('one whose hook %s is begun anew, and switched off at last', async (_, deed) => {
  const { ask, logs, logged, warnings, clock } = open(`export default ({ log }) => ({
    callStarted() { log.info('caught'); ${deed} } });`);
  for (let times = 1; times <= 5; times++) {
    expect(await ask()).toBe('Because.');
    await logs('caught', times);
    expect(await ask()).toBe('Because.');
    await clock.advance(9_999);
    expect(warnings()).toHaveLength(times - 1);
    await clock.advance(1);
    expect(warnings()).toHaveLength(times);
  }
  expect(warnings()[4]).toMatch(/switched off .* a hook took longer than 10 seconds/);
  expect(await ask()).toBe('Because.');
  expect(logged).toHaveLength(10);
});

test.each([
  ['is not there', undefined, /Cannot find module/],
  ['is no JavaScript', 'export default function (', /SyntaxError/],
  ['throws while it is loaded', 'throw new Error("no licence");', /no licence/],
  ['exports something else', 'export default {};', /its default export has to be a function/],
  ['throws while it is made', 'export default () => { throw new Error("not version 1"); };', /not version 1/],
  ['returns nothing', 'export default () => {};', /it returned no object with hooks/],
  ['has no hooks', 'export default () => ({ dispose() {} });', /it has none of callStarted, firstPart, callEnded/],
  ['has a hook that cannot be called', 'export default () => ({ callEnded: 7 });', /callEnded is no function/],
])('one that %s is told of once', async (_, source, reason) => {
  const { ask, logs, logged } = open(source ?? '', source === undefined ? { module: '/nowhere/observer.mjs' } : {});
  expect(await ask()).toBe('Because.');
  await logs(/The middleware module .*observer\.mjs cannot be used: /);
  expect(logged.join()).toMatch(reason);
  await ask();
  await ask();
  expect(logged).toHaveLength(1);
});

test('one that is not loaded in time is told of', async () => {
  const { ask, clock, logged } = open('await new Promise(() => setInterval(() => {}, 1000));');
  await ask();
  await clock.advance(10_000);
  expect(logged.join()).toMatch(/cannot be used: it was not loaded after 10 seconds/);
});

test('one that is too slow is not told of every call, but of each from beginning to end', async () => {
  const { ask, logged, logs, file } = open(`
    import { existsSync } from 'node:fs';
    export default ({ options, log }) => {
      let open = 0, ended = 0;
      return {
        async callStarted() { open++; while (!existsSync(options.file + '.go')) await new Promise(setImmediate); },
        callEnded() { open--; ended++; log.debug('balance', { open, ended }); },
      };
    };`);
  const { writeFileSync } = await import('node:fs');
  for (let count = 0; count < 400; count++) await ask();
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/is too slow: it is not told of every call/);
  writeFileSync(`${file}.go`, '');
  await logs('"open":0,"ended":334');
});

test('what it logs is bounded, and what it says of its own accord is not believed', async () => {
  const { ask, logs, logged, middleware } = open(`
    import { parentPort } from 'node:worker_threads';
    export default ({ log }) => {
      for (const junk of [null, 7, {}, { kind: 'log' }, { kind: 'log', level: 'x', message: {} }, { kind: 'done' }, { kind: 'stray' }]) {
        parentPort.postMessage(junk);
      }
      return {
        callStarted() { for (let line = 0; line < 100_000; line++) log.info('x'.repeat(1000), { line, much: 'y'.repeat(999) }); },
        callEnded() { log.error('last'); },
      };
    };`);
  expect(await ask()).toBe('Because.');
  await logs('last');
  expect(logged.filter((line) => line.includes('xxx'))).toHaveLength(20);
  expect(Math.max(...logged.map((line) => line.length))).toBeLessThan(500);
  await middleware.dispose();
});
