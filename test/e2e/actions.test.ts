/** Actions on code through the built server: offered without a model, delivered as an edit or a Markdown file. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { streamText } from '../support/fake-responders.ts';
import type { Json, TestServer } from '../support/server.ts';
import { at, startLocal, startRemote, uri } from './setup.ts';

const text = 'class A {\r\n  f(a) {\r\n    return a + 1;\r\n  }\r\n}\r\n';
const inF = { start: at(2, 4), end: at(2, 4) };

async function actionsAt(server: TestServer, range: Json, context: Json = { diagnostics: [] }): Promise<Json[]> {
  return server.request('textDocument/codeAction', { textDocument: { uri }, range, context }).response;
}

async function run(server: TestServer, title: RegExp, range: Json = inF, context?: Json): Promise<void> {
  const chosen = (await actionsAt(server, range, context)).find((action) => title.test(action.title));
  expect(await server.request('workspace/executeCommand', chosen.command).response).toBeNull();
}

function nextRequest(server: TestServer, method: string, answer: Json): Promise<Json> {
  return new Promise((resolve) => {
    server.handle(method, (params) => {
      resolve(params);
      return answer;
    });
  });
}

test('an edit replaces the lines that change, in the line ends of the document, for its version', async () => {
  const { server } = await startRemote({
    capabilities: { textDocument: { inlineCompletion: {} }, workspace: { workspaceEdit: { documentChanges: true } } },
    fake: { respond: streamText('```ts\nf(a) {\n  // One more.\n  return a + 1;\n}\n```') },
  });
  server.open(uri, text);
  const applied = nextRequest(server, 'workspace/applyEdit', { applied: true });
  await run(server, /document/);
  const [{ textDocument, edits }] = (await applied).edit.documentChanges;
  expect(textDocument).toEqual({ uri, version: 1 });
  expect(edits).toEqual([{ range: { start: at(2, 0), end: at(2, 0) }, newText: '    // One more.\r\n' }]);
});

test('an editor that knows no versions gets a plain edit', async () => {
  const { server } = await startRemote({ fake: { respond: streamText('```\n    return a + 2;\n```') } });
  server.open(uri, text);
  const applied = nextRequest(server, 'workspace/applyEdit', { applied: true });
  await run(server, /improve/, { start: at(2, 0), end: at(3, 0) });
  expect((await applied).edit).toEqual({
    changes: { [uri]: [{ range: { start: at(2, 0), end: at(3, 0) }, newText: '    return a + 2;\r\n' }] },
  });
});

test('what was edited meanwhile is not overwritten, and the user is told', async () => {
  const { server, fake } = await startRemote();
  server.open(uri, text);
  await run(server, /improve/);
  const exchange = fake.control(await fake.nextRequest());
  server.change(uri, 'b', { start: at(2, 11), end: at(2, 12) });
  // An answer to anything sent later says that the edit has arrived.
  await server.request('inkling/stats').response;
  await exchange.send('```\nf(a) {\n  return 1 + a;\n}\n```');
  await exchange.end();
  const { message } = await server.nextNotification('window/showMessage');
  expect(message).toContain('edited meanwhile');
});

test('an explanation opens as a Markdown file', async () => {
  const { server, fake } = await startRemote({ fake: { respond: streamText('It **adds** one.') } });
  server.open(uri, text);
  const shown = nextRequest(server, 'window/showDocument', { success: true });
  await run(server, /explain/);
  expect(readFileSync(fileURLToPath((await shown).uri), 'utf8')).toBe('It **adds** one.\n');
  expect(fake.requests[0]?.text).toContain('return a + 1;');
});

test('a fix carries what the editor reports', async () => {
  const { server, fake } = await startRemote({ fake: { respond: streamText('```\nx\n```') } });
  server.open(uri, text);
  const diagnostic = { range: { start: at(2, 4), end: at(2, 10) }, message: 'No such name.', source: 'ts' };
  await run(server, /fix/, inF, { diagnostics: [diagnostic] });
  expect((await fake.nextRequest()).text).toContain('line 3: No such name. (ts)');
});

test('stopping the progress closes the connection and changes nothing', async () => {
  const { server, fake } = await startRemote({
    capabilities: { textDocument: { inlineCompletion: {} }, window: { workDoneProgress: true } },
  });
  server.open(uri, text);
  await run(server, /improve/);
  const upstream = await fake.nextRequest();
  const { token, value } = await server.nextNotification('$/progress', (params) => params.value.title === 'Improving');
  expect(value).toMatchObject({ kind: 'begin', cancellable: true });
  server.notify('window/workDoneProgress/cancel', { token });
  await upstream.closed;
  await server.nextNotification('$/progress', (params) => params.token === token && params.value.kind === 'end');
  await server.request('inkling/stats').response;
  expect(server.notifications.filter(({ method }) => method === 'window/showMessage')).toEqual([]);
});

test('actions are offered by selection, by kind, and only where somebody can chat', async () => {
  const { server } = await startRemote();
  server.open(uri, text);
  expect(await actionsAt(server, inF)).toHaveLength(5);
  const fixes = await actionsAt(server, inF, { diagnostics: [], only: ['quickfix'] });
  expect(fixes.map(({ kind }) => kind)).toEqual(['quickfix.inkling']);
  expect(await actionsAt(server, inF, { diagnostics: [], triggerKind: 2 })).toEqual([]);
  const foreign = { title: 'Somebody else’s', data: { id: 7 } };
  expect(await server.request('codeAction/resolve', foreign).response).toEqual(foreign);
  const local = await startLocal();
  local.open(uri, text);
  expect(await actionsAt(local, inF)).toEqual([]);
});

test('a failure of the model is a message with what to do', async () => {
  const { server, fake } = await startRemote({ settings: { resilience: { retries: 0 } } });
  await fake.close();
  server.open(uri, text);
  await run(server, /explain/);
  expect((await server.nextNotification('window/showMessage')).message).toMatch(/127\.0\.0\.1|reach|refused/);
});

test('an editor that does not open the answer is told where it is', async () => {
  const { server } = await startRemote({ fake: { respond: streamText('Forty-two.') } });
  await server.request('workspace/executeCommand', { command: 'inkling.chat', arguments: ['Why?'] }).response;
  const { message } = await server.nextNotification('window/showMessage');
  const path = /^The answer is in (.+\.md); the editor did not open it\.$/.exec(message)?.[1] ?? '';
  expect(readFileSync(path, 'utf8')).toContain('Forty-two.');
});

test.each([
  {},
  { range: { start: at(0, 0) } },
  { range: { start: at(-1, 0), end: at(0, 0) } },
  { range: inF, diagnostics: 5 },
  { range: inF, diagnostics: [{ message: 'No such name.' }] },
  { range: inF, instruction: 1 },
])('arguments that make no sense are refused at once: %j', async (argument) => {
  const { server, fake } = await startRemote();
  server.open(uri, text);
  const command = { command: 'inkling.fix', arguments: [{ uri, ...argument }] };
  const failure = await server.request('workspace/executeCommand', command).failure;
  expect(failure).toMatchObject({ code: -32602, message: expect.stringContaining('{ uri, range }') });
  expect(fake.requests).toHaveLength(0);
});

test('a range beyond the end of the document means its last line', async () => {
  const { server, fake } = await startRemote({ fake: { respond: streamText('```\n}\n// The end.\n```') } });
  server.open(uri, 'f(\n}');
  const applied = nextRequest(server, 'workspace/applyEdit', { applied: true });
  const argument = { uri, range: { start: at(99, 0), end: at(99, 9) } };
  await server.request('workspace/executeCommand', { command: 'inkling.document', arguments: [argument] }).response;
  expect((await applied).edit.changes[uri]).toEqual([
    { range: { start: at(1, 1), end: at(1, 1) }, newText: '\n// The end.' },
  ]);
  expect((await fake.nextRequest()).text).toContain('Selected lines 2–2 of');
});

test('inkling.chat answers in a file, and inkling.showContext shows what would be sent', async () => {
  const { server } = await startRemote({ fake: { respond: streamText('Forty-two.') } });
  server.open(uri, text);
  const chat = nextRequest(server, 'window/showDocument', { success: true });
  await server.request('workspace/executeCommand', { command: 'inkling.chat', arguments: ['Why?'] }).response;
  expect(readFileSync(fileURLToPath((await chat).uri), 'utf8')).toBe('> Why?\n\nForty-two.\n');
  const context = nextRequest(server, 'window/showDocument', { success: true });
  const place = { textDocument: { uri }, position: at(2, 4) };
  void server.request('workspace/executeCommand', { command: 'inkling.showContext', arguments: [place] });
  expect(readFileSync(fileURLToPath((await context).uri), 'utf8')).toContain('"prefix"');
});
