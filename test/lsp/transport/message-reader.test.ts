/** Reading: messages from a stream, and one `onClose` however the stream ends. */
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createMessageReader } from '../../../src/lsp/transport/message-reader.ts';
import { frame } from './support.ts';

function open() {
  const stream = new PassThrough();
  const reader = createMessageReader(stream);
  const events: unknown[] = [];
  reader.onClose(() => events.push('close'));
  reader.onError((error) => events.push(error.message));
  return { stream, reader, events };
}

describe('messages', () => {
  test('come in order, those that were there before `listen` too', async () => {
    const { stream, reader, events } = open();
    stream.write(frame({ id: 1 }));
    await turn();
    reader.listen((message) => events.push(message));
    stream.write(frame({ id: 2 }));
    await turn();
    expect(events).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('stop when the subscription is disposed', async () => {
    const { stream, reader, events } = open();
    reader.listen((message) => events.push(message)).dispose();
    stream.write(frame({ id: 1 }));
    await turn();
    expect(events).toEqual([]);
  });

  test('are followed by a report of what had to be skipped', async () => {
    const { stream, reader, events } = open();
    reader.listen((message) => events.push(message));
    stream.write('Content-Length: x\r\n\r\n');
    stream.write(frame({ id: 2 }));
    await turn();
    expect(events).toEqual(['Skipped bytes that are no LSP message (length-invalid, 1 so far).', { id: 2 }]);
  });
});

describe('the end', () => {
  test.each<[string, (stream: PassThrough) => void, unknown[]]>([
    ['of the input', (stream) => stream.end(), ['close']],
    ['by a close', (stream) => stream.destroy(), ['close']],
    ['by a failure', (stream) => stream.destroy(new Error('reset')), ['reset', 'close']],
  ])('%s is reported once', async (_, finish, expected) => {
    const { stream, reader, events } = open();
    reader.listen(() => {});
    finish(stream);
    await turn();
    await turn();
    expect(events).toEqual(expected);
  });

  test('in the middle of a message is an end all the same', async () => {
    const { stream, reader, events } = open();
    reader.listen((message) => events.push(message));
    stream.end(frame({ id: 1 }).subarray(0, 25));
    await turn();
    await turn();
    expect(events).toEqual(['close']);
  });
});
