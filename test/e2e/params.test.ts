/** Params that are not as LSP has them, through the built server: what was expected is answered, and nothing breaks. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { mutationsOf } from '../support/mutations.ts';
import { type Json, spawnServer, startServer, type TestServer } from '../support/server.ts';
import { at, range, startLocal, uri } from './setup.ts';

const textDocument = { uri };
const place = { textDocument, position: at(0, 3) };
const diagnostic = { range: range(0, 0, 3), message: 'wrong', source: 'tsc' };
const edit = { range: range(0, 0, 1), text: 'c' };

/** Params as they should be, by method. */
const requests: Readonly<Record<string, Json>> = {
  'textDocument/inlineCompletion': { ...place, context: { triggerKind: 1 } },
  'textDocument/completion': { ...place, context: { triggerKind: 1 } },
  'textDocument/codeAction': {
    textDocument,
    range: range(0, 0, 3),
    context: { diagnostics: [diagnostic], only: [''], triggerKind: 1 },
  },
  'codeAction/resolve': { title: 'Fix', kind: 'quickfix' },
  'workspace/executeCommand': {
    command: 'inkling.fix',
    arguments: [{ uri, range: range(0, 0, 3), diagnostics: ['x'] }],
  },
  'inkling/chat': { messages: [{ role: 'user', content: 'Why?' }], context: { textDocument, range: range(0, 0, 3) } },
  'inkling/context': place,
  'inkling/explain': place,
};
const notifications: Readonly<Record<string, Json>> = {
  'textDocument/didOpen': { textDocument: { uri, languageId: 'typescript', version: 1, text: 'abc\n' } },
  'textDocument/didChange': { textDocument: { uri, version: 2 }, contentChanges: [edit, { text: 'abc\n' }] },
  'textDocument/didClose': { textDocument },
  'textDocument/didSave': { textDocument },
  'textDocument/didFocus': { textDocument },
  'textDocument/didShowCompletion': { item: { command: { command: 'inkling.acceptCompletion', arguments: ['x'] } } },
  'textDocument/didPartiallyAcceptCompletion': {
    item: { command: { command: 'x', arguments: [] } },
    acceptedLength: 3,
  },
  'workspace/didChangeConfiguration': { settings: { inkling: { completion: { maxLines: 3 } } } },
  'workspace/didChangeWorkspaceFolders': { event: { added: [{ uri, name: 'x' }], removed: [] } },
  'workspace/didChangeWatchedFiles': { changes: [{ uri, type: 2 }] },
  'window/workDoneProgress/cancel': { token: 'inkling/1' },
  '$/setTrace': { value: 'verbose' },
  '$/cancelRequest': { id: 1 },
  '$/progress': { token: 'x', value: 1 },
  initialized: {},
};

/** Params of one of the methods with something wrong in them. */
function mutated(valid: Readonly<Record<string, Json>>): fc.Arbitrary<readonly [string, Json]> {
  return fc
    .constantFrom(...Object.entries(valid))
    .chain(([method, params]) => mutationsOf(params).map((value) => [method, value] as const));
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ initializationOptions: { resilience: { retries: 0 } } });
});
afterAll(() => server.stop());

test('whatever the params are, the answer is no internal error, and the server works on', async () => {
  const step = fc.oneof(
    mutated(requests).map((sent) => ({ kind: 'request' as const, sent })),
    mutated(notifications).map((sent) => ({ kind: 'notification' as const, sent })),
  );
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
    server.open(uri, 'abc\n');
    const answers = steps.flatMap(({ kind, sent: [method, params] }) => {
      if (kind === 'request') return [server.request(method, params).response];
      server.notify(method, params);
      return [];
    });
    for (const answer of await Promise.allSettled(answers)) {
      if (answer.status === 'rejected') expect([-32602, -32600, -32800, -32803]).toContain(answer.reason.code);
    }
    server.open(uri, 'abc\n');
    const { prefix } = await server.request('inkling/context', place).response;
    expect(prefix).toBe('abc');
  });
  await fc.assert(property, { seed: 20_261_120, numRuns: 400 });
  expect(server.stderr()).not.toMatch(/^\s+at /m);
  expect(server.stderr()).not.toContain('failed');
});

test.each([
  [
    'textDocument/inlineCompletion',
    { textDocument: null, position: at(0, 0) },
    'expected an object as textDocument; got null.',
  ],
  [
    'textDocument/inlineCompletion',
    { textDocument, position: at(0, -1) },
    'expected a whole number from 0 as position.character; got -1.',
  ],
  [
    'textDocument/completion',
    { textDocument, position: { line: '3', character: 0 } },
    'expected a whole number from 0 as position.line; got text.',
  ],
  ['textDocument/completion', { textDocument }, 'expected an object as position; got nothing.'],
  [
    'textDocument/codeAction',
    { textDocument, range: range(0, 0), context: { diagnostics: [{}] } },
    'expected an object as context.diagnostics[0].range; got nothing.',
  ],
  ['workspace/executeCommand', { command: ['inkling.fix'] }, 'expected text as command; got a list.'],
])('%s says what was expected', async (method, params, expected) => {
  expect(await server.request(method, params).failure).toEqual({ code: -32602, message: `${method}: ${expected}` });
});

test('null where there is nothing is taken for what it means', async () => {
  server.open(uri, 'abc\n');
  const context = { diagnostics: [], only: null, triggerKind: null };
  expect(
    await server.request('textDocument/codeAction', { textDocument, range: range(0, 0), context }).response,
  ).toEqual([]);
  await server.request('textDocument/inlineCompletion', { ...place, context: null }).response;
});

test('a notification that makes no sense is logged once, and leaves the document out of step until its full text comes', async () => {
  const own = await startLocal();
  own.open(uri, 'abc\n');
  for (let time = 0; time < 3; time += 1) {
    own.notify('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ ...edit, range: { start: at(0, 0) } }],
    });
  }
  const failure = await own.request('inkling/context', place).failure;
  expect(failure).toMatchObject({ code: -32602, message: expect.stringContaining('is not open') });
  own.change(uri, 'abcd\n');
  expect((await own.request('inkling/context', place).response).prefix).toBe('abc');
  const logged = own
    .stderr()
    .split('\n')
    .filter((line) => line.includes('didChange'));
  expect(logged).toEqual([expect.stringContaining('expected an object as contentChanges[0].range.end; got nothing.')]);
});

test('initialize that makes no sense says what was expected, and may be sent again', async () => {
  const own = spawnServer();
  onTestFinished(() => own.stop());
  const wrong: readonly (readonly [Json, string])[] = [
    [{ capabilities: { textDocument: 7 } }, 'expected an object as capabilities.textDocument; got 7.'],
    [{ capabilities: {}, rootUri: {} }, 'expected text as rootUri; got an object.'],
    [{ capabilities: {}, workspaceFolders: [null] }, 'expected an object as workspaceFolders[0]; got null.'],
    [{ capabilities: {}, clientInfo: { name: true } }, 'expected text as clientInfo.name; got true.'],
  ];
  for (const [params, expected] of wrong) {
    expect(await own.request('initialize', params).failure).toEqual({
      code: -32602,
      message: `initialize: ${expected}`,
    });
  }
  const nulls = { textDocument: null, workspace: null, window: null };
  const params = { processId: null, clientInfo: null, rootUri: null, workspaceFolders: null, capabilities: nulls };
  expect(await own.request('initialize', params).response).toHaveProperty('capabilities');
  expect(own.stderr()).toBe('');
});
