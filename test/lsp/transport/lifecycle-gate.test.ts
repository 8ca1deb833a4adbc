/** The order that LSP prescribes, and the shapes that JSON-RPC does. */
import { describe, expect, test } from 'vitest';
import type { Message, ResponseMessage } from 'vscode-jsonrpc/node';
import { createLifecycleGate } from '../../../src/lsp/transport/lifecycle-gate.ts';
import { createMemoryLog } from './support.ts';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { processId: 4711, rootUri: null, capabilities: {} },
};
const request = (id: number | string, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });
const notification = (method: string, params: object = {}) => ({ jsonrpc: '2.0', method, params });
const response = (id: number): Message & { id: number; result: null } => ({ jsonrpc: '2.0', id, result: null });

function open() {
  const forwarded: Message[] = [];
  const replies: ResponseMessage[] = [];
  const events: unknown[] = [];
  const gate = createLifecycleGate({
    log: createMemoryLog(),
    forward: (message) => forwarded.push(message),
    reply: (message) => replies.push(message),
    onProcessId: (processId) => events.push(processId),
    onExit: () => events.push('exit'),
  });
  const codes = (): unknown[] => replies.map(({ id, error }) => [id, error?.code]);
  return { gate, forwarded, replies, codes, events };
}

function openRunning() {
  const opened = open();
  opened.gate.receive(INITIALIZE);
  opened.gate.sent(response(0));
  opened.forwarded.length = 0;
  return opened;
}

test('null for params of a request means that there are none', () => {
  const { gate, forwarded } = openRunning();
  gate.receive({ jsonrpc: '2.0', id: 1, method: 'textDocument/completion', params: null });
  expect(forwarded).toEqual([{ jsonrpc: '2.0', id: 1, method: 'textDocument/completion' }]);
});

describe('before initialize', () => {
  test('requests get -32002 and notifications nothing', () => {
    const { gate, forwarded, codes } = open();
    gate.receive(request(1, 'textDocument/completion'));
    gate.receive(request('two', 'shutdown'));
    gate.receive(notification('textDocument/didOpen'));
    expect(codes()).toEqual([
      [1, -32002],
      ['two', -32002],
    ]);
    expect(forwarded).toEqual([]);
    expect(gate.shutdown).toBe('no');
  });

  test('exit passes', () => {
    const { gate, events } = open();
    gate.receive(notification('exit'));
    expect(events).toEqual(['exit']);
  });
});

describe('initialize', () => {
  test('goes on without its process id, which is handed over apart', () => {
    const { gate, forwarded, events } = open();
    gate.receive(INITIALIZE);
    expect(forwarded).toEqual([{ ...INITIALIZE, params: { ...INITIALIZE.params, processId: null } }]);
    expect(events).toEqual([4711]);
  });

  test.each([[null], [undefined], ['4711']])('with the process id %j hands over null', (processId) => {
    const { gate, events } = open();
    gate.receive({ ...INITIALIZE, params: { processId } });
    expect(events).toEqual([null]);
  });

  test('without capabilities goes on with none', () => {
    const { gate, forwarded } = open();
    gate.receive({ ...INITIALIZE, params: { capabilities: null } });
    expect(forwarded).toMatchObject([{ params: { capabilities: {} } }]);
  });

  test.each([[undefined], [null], [[]]])('with the params %j gets -32602 and may come again', (params) => {
    const { gate, forwarded, codes } = open();
    gate.receive({ ...INITIALIZE, params });
    expect(codes()).toEqual([[0, -32602]]);
    gate.receive(INITIALIZE);
    expect(forwarded).toHaveLength(1);
  });

  test('a second time gets -32600, before and after the answer', () => {
    const { gate, forwarded, codes } = open();
    gate.receive(INITIALIZE);
    gate.receive({ ...INITIALIZE, id: 1 });
    gate.sent(response(0));
    gate.receive({ ...INITIALIZE, id: 2 });
    expect(codes()).toEqual([
      [1, -32600],
      [2, -32600],
    ]);
    expect(forwarded).toHaveLength(1);
  });

  test('what a hasty client sends before the answer waits for it, in order', () => {
    const { gate, forwarded } = open();
    gate.receive(INITIALIZE);
    const hasty = [
      notification('initialized'),
      request(1, 'a'),
      notification('$/cancelRequest', { id: 1 }),
      request(2, 'shutdown'),
    ];
    for (const message of hasty) gate.receive(message);
    expect(forwarded).toHaveLength(1);
    gate.sent(notification('window/logMessage'));
    expect(forwarded).toHaveLength(1);
    gate.sent(response(0));
    expect(forwarded.slice(1)).toEqual(hasty);
    expect(gate.shutdown).toBe('asked');
  });

  test('answers to our own requests do not wait', () => {
    const { gate, forwarded } = open();
    gate.receive(INITIALIZE);
    gate.receive(response(1));
    expect(forwarded).toHaveLength(2);
  });

  test('when refused leaves the server uninitialized', () => {
    const { gate, forwarded, codes } = open();
    gate.receive(INITIALIZE);
    gate.receive(request(1, 'a'));
    gate.sent({ jsonrpc: '2.0', id: 0, error: { code: -32803, message: '' } } as Message);
    expect(codes()).toEqual([[1, -32002]]);
    gate.receive(INITIALIZE);
    expect(forwarded).toHaveLength(2);
  });

  test('what waits is bounded, and a request beyond it is answered', () => {
    const { gate, forwarded, codes } = open();
    gate.receive(INITIALIZE);
    for (let id = 1; id <= 1500; id++) gate.receive(request(id, 'a'));
    expect(codes()).toHaveLength(500);
    gate.sent(response(0));
    expect(forwarded).toHaveLength(1001);
  });
});

describe('after shutdown', () => {
  test('requests get -32600; of notifications only a cancellation and exit pass', () => {
    const { gate, forwarded, codes, events } = openRunning();
    events.length = 0;
    gate.receive(request(1, 'shutdown'));
    gate.receive(request(2, 'textDocument/completion'));
    gate.receive(request(3, 'shutdown'));
    gate.receive(request(4, 'initialize'));
    gate.receive(notification('textDocument/didChange'));
    gate.receive(notification('$/cancelRequest', { id: 9 }));
    gate.receive(response(5));
    gate.receive(notification('exit'));
    expect(codes()).toEqual([
      [2, -32600],
      [3, -32600],
      [4, -32600],
    ]);
    expect(forwarded).toEqual([request(1, 'shutdown'), notification('$/cancelRequest', { id: 9 }), response(5)]);
    expect(events).toEqual(['exit']);
  });

  test('it is told whether the shutdown was answered', () => {
    const { gate } = openRunning();
    gate.receive(request(1, 'shutdown'));
    gate.sent(response(3));
    expect(gate.shutdown).toBe('asked');
    gate.sent(response(1));
    expect(gate.shutdown).toBe('answered');
  });
});

describe('while running', () => {
  test('requests, notifications and responses pass as they are', () => {
    const { gate, forwarded, replies } = openRunning();
    const messages = [
      request(1, 'a'),
      request('b', 'b'),
      notification('c'),
      response(4),
      { jsonrpc: '2.0', id: 6, method: 'e' },
      { jsonrpc: '2.0', id: 7, error: { code: 1, message: '' } },
    ];
    for (const message of messages) gate.receive(message);
    expect(forwarded).toEqual(messages);
    expect(replies).toEqual([]);
  });

  test.each<[object, unknown, number]>([
    [{ id: 1, method: 5 }, 1, -32600],
    [{ id: 1 }, 1, -32600],
    [{}, null, -32600],
    [{ id: null, method: 'a' }, null, -32600],
    [{ id: {}, method: 'a' }, null, -32600],
    [{ id: true, method: 'a' }, null, -32600],
    [{ id: 1, method: 'a', params: 'text' }, 1, -32602],
    [{ id: 1, method: 'a', params: 5 }, 1, -32602],
  ])('%j is answered to %j with %i', (message, id, code) => {
    const { gate, forwarded, codes } = openRunning();
    gate.receive({ jsonrpc: '2.0', ...message });
    expect(codes()).toEqual([[id, code]]);
    expect(forwarded).toEqual([]);
  });

  test.each<[object]>([
    [{ method: 'a', params: 5 }],
    [{ method: '$/cancelRequest' }],
    [{ method: '$/cancelRequest', params: { id: null } }],
    [{ method: '$/cancelRequest', params: [] }],
    [{ id: null, result: 1 }],
    [{ id: null, error: { code: -32700, message: '' } }],
    [{ result: 1 }],
    [{ id: 1, error: 'text' }],
  ])('%j is ignored', (message) => {
    const { gate, forwarded, replies } = openRunning();
    gate.receive({ jsonrpc: '2.0', ...message });
    expect(forwarded).toEqual([]);
    expect(replies).toEqual([]);
  });
});
