/** The whole transport but the process: what a client sees on the wire, and how the server learns that it is over. */
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type MessageConnection, MessageReader, MessageWriter } from 'vscode-jsonrpc/node';
import { createServerConnection } from '../../../src/lsp/transport/connection.ts';
import { createFrameDecoder } from '../../../src/lsp/transport/frame-decoder.ts';
import { createMessageReader } from '../../../src/lsp/transport/message-reader.ts';
import { createMessageWriter } from '../../../src/lsp/transport/message-writer.ts';
import { toAbortSignal } from '../../../src/lsp/transport/to-abort-signal.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { createMemoryLog, frame } from './support.ts';

function createGate() {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
}

type Register = (connection: MessageConnection) => void;

function open(register: Register = () => {}, onInitialized?: () => Promise<void>) {
  const input = new PassThrough();
  const output = new PassThrough();
  const reader = createMessageReader(input);
  const writer = createMessageWriter(output);
  const clock = createVirtualClock();
  const log = createMemoryLog();
  const exits: unknown[] = [];
  const watched: unknown[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const answers: Answer[] = [];
  const exited = createGate();

  const decoder = createFrameDecoder({
    message(message) {
      answers.push(message);
      for (const { count, resolve } of waiting) if (answers.length >= count) resolve();
    },
    desync: (reason) => expect.fail(reason),
  });
  output.on('data', (chunk: Buffer) => decoder.push(chunk));

  const connection = createServerConnection({
    reader,
    writer,
    clock,
    log,
    watchdog: { watch: (processId) => watched.push(processId) },
    ...(onInitialized && { onInitialized }),
    onExit(code, reason) {
      exits.push([code, reason]);
      exited.resolve();
    },
  });
  connection.onRequest('initialize', () => ({ capabilities: {} }));
  register(connection);
  connection.listen();

  return {
    connection,
    input,
    output,
    clock,
    log,
    exits,
    exited: exited.promise,
    watched,
    answers,
    send: (...messages: object[]) => void input.write(Buffer.concat(messages.map(frame))),
    /** The first `count` messages that the server sent. */
    async received(count: number): Promise<Answer[]> {
      if (answers.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return answers.slice(0, count);
    },
  };
}

const INITIALIZE = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { processId: 4711, capabilities: {} } };
const request = (id: number, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });
const notify = (method: string, params: object = {}) => ({ jsonrpc: '2.0', method, params });
const cancel = (id: number) => notify('$/cancelRequest', { id });
const ids = Array.from({ length: 1000 }, (_, index) => index + 1);

async function openInitialized(register?: Register) {
  const opened = open(register);
  opened.send(INITIALIZE);
  await opened.received(1);
  return opened;
}

test('a session from first to last', async () => {
  const session = open((connection) => {
    connection.onRequest('echo', (params: object) => params);
  });
  session.send(request(9, 'echo'), INITIALIZE, request(1, 'echo', { text: 'é😀' }));
  await session.received(3);
  session.send(request(2, 'shutdown'));
  await session.received(4);
  session.send(request(3, 'echo'), notify('exit'));
  await session.exited;
  expect(await session.received(5)).toMatchObject([
    { id: 9, error: { code: -32002 } },
    { id: 0, result: { capabilities: {} } },
    { id: 1, result: { text: 'é😀' } },
    { id: 2, result: null },
    { id: 3, error: { code: -32600 } },
  ]);
  expect(session.exits).toEqual([[0, 'exit']]);
  expect(session.watched).toEqual([4711]);
});

test('what the client sends behind the answer to initialize waits until the session is open', async () => {
  const begun: string[] = [];
  const opened = createGate();
  const session = open(
    (connection) => {
      connection.onRequest('echo', () => {
        begun.push('echo');
        return 'fine';
      });
    },
    () => {
      begun.push('opening');
      return opened.promise.then(() => void begun.push('opened'));
    },
  );
  session.send(INITIALIZE, request(1, 'echo'));
  await session.received(1);
  session.send(request(2, 'echo'));
  await new Promise(setImmediate);
  expect(begun).toEqual(['opening']);
  opened.resolve();
  expect(await session.received(3)).toMatchObject([{ id: 0 }, { id: 1, result: 'fine' }, { id: 2, result: 'fine' }]);
  expect(begun).toEqual(['opening', 'opened', 'echo', 'echo']);
});

test('an initialize that fails opens nothing, and may be tried again', async () => {
  let opened = 0;
  let tries = 0;
  const session = open(
    (connection) => {
      connection.onRequest('initialize', () => {
        tries += 1;
        if (tries === 1) throw new Error('not yet');
        return { capabilities: {} };
      });
    },
    async () => {
      opened += 1;
    },
  );
  session.send(INITIALIZE);
  await session.received(1);
  expect(opened).toBe(0);
  session.send(INITIALIZE);
  await session.received(2);
  expect(opened).toBe(1);
});

test('the connection takes our reader and writer for its own', () => {
  expect(MessageReader.is(createMessageReader(new PassThrough()))).toBe(true);
  expect(MessageWriter.is(createMessageWriter(new PassThrough()))).toBe(true);
});

test('what the server says too early follows the answer to initialize, but for messages to the user', async () => {
  const early = createGate();
  const session = open((connection) => {
    connection.onRequest('initialize', async () => {
      void connection.sendNotification('didChangeStatus', {});
      void connection.sendNotification('window/logMessage', {});
      void connection.sendNotification('didChangeStatus', {});
      await early.promise;
      return { capabilities: {} };
    });
    void connection.sendNotification('window/logMessage', {});
  });
  session.send(INITIALIZE);
  await session.received(1);
  early.resolve();
  const said = (await session.received(5)).map(({ id, method }) => method ?? id);
  expect(said).toEqual(['window/logMessage', 0, 'window/logMessage', 'didChangeStatus', 'didChangeStatus']);
});

describe('cancellation', () => {
  test('of 1,000 requests that wait for their turn: each answered -32800, none begun', async () => {
    let begun = 0;
    const session = await openInitialized((connection) => {
      connection.onRequest('slow', () => {
        begun++;
      });
    });
    session.send(...ids.map((id) => request(id, 'slow')), ...ids.map(cancel));
    const answers = await session.received(1001);
    expect(answers.slice(1).map(({ id, error }) => [id, error?.code])).toEqual(ids.map((id) => [id, -32800]));
    expect(begun).toBe(0);
  });

  test('of 1,000 requests, each cancelled at once, whatever the chunks: all honoured', async () => {
    let finished = 0;
    const session = await openInitialized((connection) => {
      connection.onRequest('slow', async (_params: object, token) => {
        await aborted(toAbortSignal(token).signal);
        finished++;
        return 'cancelled';
      });
    });
    const bytes = Buffer.concat(ids.flatMap((id) => [frame(request(id, 'slow')), frame(cancel(id))]));
    // 97 shares no factor with the frames, so that cuts fall everywhere; each chunk arrives in a turn of its own.
    for (let at = 0; at < bytes.length; at += 97) {
      session.input.write(bytes.subarray(at, at + 97));
      await new Promise(setImmediate);
    }
    const answers = (await session.received(1001)).slice(1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1000);
    const undispatched = answers.filter(({ error }) => error?.code === -32800).length;
    expect(undispatched + finished).toBe(1000);
    expect(finished).toBeGreaterThan(0);
    expect(undispatched).toBeGreaterThan(0);
  });

  test('of 1,000 requests that run: all signals abort', async () => {
    const session = await openInitialized((connection) => {
      connection.onRequest('slow', async (_params: object, token) => {
        void connection.sendNotification('begun');
        const bridged = toAbortSignal(token);
        await aborted(bridged.signal);
        bridged.dispose();
        return 'cancelled';
      });
    });
    session.send(...ids.map((id) => request(id, 'slow')));
    await session.received(1001);
    session.send(...ids.map(cancel));
    const answers = await session.received(2001);
    expect(answers.filter(({ result }) => result === 'cancelled')).toHaveLength(1000);
  });

  test('of ids that nobody knows, and of none, does nothing', async () => {
    const session = await openInitialized((connection) => {
      connection.onRequest('echo', () => 'fine');
    });
    session.send(
      ...ids.map(cancel),
      notify('$/cancelRequest'),
      { jsonrpc: '2.0', method: '$/cancelRequest' },
      request(1, 'echo'),
    );
    expect((await session.received(2)).at(1)).toMatchObject({ id: 1, result: 'fine' });
  });

  test('of shutdown is not possible', async () => {
    const session = await openInitialized();
    session.send(request(1, 'shutdown'), cancel(1));
    expect((await session.received(2)).at(1)).toMatchObject({ id: 1, result: null });
  });
});

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

describe('the end', () => {
  test('exit without shutdown is 1', async () => {
    const session = await openInitialized();
    session.send(notify('exit'));
    await session.exited;
    expect(session.exits).toEqual([[1, 'exit']]);
  });

  test('exit that did not wait for shutdown comes after its answer', async () => {
    const session = await openInitialized();
    session.send(request(1, 'shutdown'), notify('exit'));
    await session.exited;
    expect(session.exits).toEqual([[0, 'exit']]);
    expect(session.answers.at(-1)).toMatchObject({ id: 1, result: null });
  });

  test('exit waits no longer than 300 ms for a shutdown that hangs', async () => {
    const begun = createGate();
    const session = await openInitialized((connection) => {
      connection.onRequest('shutdown', () => {
        begun.resolve();
        return new Promise(() => {});
      });
    });
    session.send(request(1, 'shutdown'), notify('exit'));
    await begun.promise;
    await session.clock.advance(299);
    expect(session.exits).toEqual([]);
    await session.clock.advance(1);
    expect(session.exits).toEqual([[0, 'exit']]);
  });

  test.each<[string, object[], 0 | 1]>([
    ['without shutdown is 1', [], 1],
    ['right behind shutdown is 0', [request(1, 'shutdown')], 0],
  ])('of the input %s', async (_, last, code) => {
    const session = await openInitialized();
    session.send(...last);
    session.input.end();
    await session.exited;
    expect(session.exits).toEqual([[code, 'input-closed']]);
  });

  test('of the output is an end too, told once, and leaves nothing in the log', async () => {
    const session = await openInitialized((connection) => {
      connection.onRequest('echo', () => 'too late');
    });
    session.output.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    session.send(request(1, 'echo'));
    await session.exited;
    session.send(notify('exit'));
    session.input.end();
    await new Promise(setImmediate);
    expect(session.exits).toEqual([[1, 'output-closed']]);
    expect(session.log.lines).toEqual([]);
  });
});

test('whoever still sends after the end sends into nothing', async () => {
  const session = await openInitialized();
  session.input.end();
  session.output.destroy();
  await session.exited;
  await new Promise(setImmediate);
  expect(() => session.connection.sendNotification('window/logMessage', {})).not.toThrow();
  await session.connection.sendNotification('late');
});

describe('failures', () => {
  test('a handler that throws is an error to its own request alone', async () => {
    const session = await openInitialized((connection) => {
      connection.onRequest('bad', () => {
        throw new Error('broken');
      });
      connection.onRequest('good', () => 'fine');
    });
    session.send(request(1, 'bad'), request(2, 'good'), request(3, 'unknown'));
    const answers = await session.received(4);
    expect(answers.slice(1)).toMatchObject([
      { error: { code: -32603 } },
      { result: 'fine' },
      { error: { code: -32601 } },
    ]);
  });

  test('malformed frames are logged, the first ten and then every hundredth', async () => {
    const session = await openInitialized((connection) => {
      connection.onRequest('good', () => 'fine');
    });
    session.input.write('Content-Length: 1\r\n\r\n?'.repeat(250));
    session.send(request(1, 'good'));
    await session.received(2);
    expect(session.log.lines).toHaveLength(12);
  });
});
