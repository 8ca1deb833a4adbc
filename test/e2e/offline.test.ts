/** The embedded engine as an editor meets it: no key, no network, from the first keystroke. */
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/command-line.ts';
import { inlineCapabilities } from '../support/server.ts';
import { inline, lastReason, range, startLocal, texts, uri } from './setup.ts';

const handlers = ['users', 'orders', 'invoices', 'parcels']
  .map((name) => `router.get("/${name}", authenticate, (request, response) => response.json(${name}));\n`)
  .join('');

test('learns from what is open, and from what is typed', async () => {
  const server = await startLocal();
  server.open(uri, `${handlers}router.get("/suppliers", auth`);
  expect(texts(await inline(server, 4, 29).response)).toEqual([
    expect.stringMatching(/^enticate, \(request, response\)/),
  ]);
});

test('learns from the files of the workspace, shows its progress, and leaves ignored files alone', async () => {
  const root = temporaryFolder({
    'src/routes.js': handlers,
    '.gitignore': 'generated/\n',
    'generated/secret.js': 'zebraCrossing.openEverything(withoutAsking, forPermission);\n'.repeat(5),
  });
  const server = await startLocal({
    root,
    capabilities: { ...inlineCapabilities, window: { workDoneProgress: true } },
  });
  await server.nextNotification('$/progress', ({ value }) => value.kind === 'end');
  const kinds = server.notifications
    .filter(({ method }) => method === '$/progress')
    .map(({ params }) => params.value.kind);
  expect(kinds[0]).toBe('begin');
  const file = `file://${root}/src/other.js`;
  server.open(file, 'router.get("/suppliers", auth', 'javascript');
  const ask = async (line: number, character: number) =>
    texts(
      await server.request('textDocument/inlineCompletion', {
        textDocument: { uri: file },
        position: { line, character },
        context: { triggerKind: 1 },
      }).response,
    );
  expect(await ask(0, 29)).toEqual([expect.stringContaining('enticate')]);
  server.change(file, 'zebraCrossing.openE');
  expect(await ask(0, 19)).toEqual([]);
});

test('forgets a document that is closed', async () => {
  const server = await startLocal();
  const other = 'file:///project/other.ts';
  server.open(other, handlers);
  server.open(uri, 'router.get("/suppliers", auth');
  expect(texts(await inline(server, 0, 29).response)).toHaveLength(1);
  server.notify('textDocument/didClose', { textDocument: { uri: other } });
  server.change(uri, 'router.get("/customers", auth', range(0, 0, 29));
  expect(texts(await inline(server, 0, 29).response)).toEqual([]);
  expect(await lastReason(server)).toMatchObject({ outcome: 'nothing', reason: expect.stringMatching(/./) });
});

test('says nothing in a file of secrets', async () => {
  const server = await startLocal();
  const env = 'file:///project/.env';
  server.open(env, 'API_KEY=abc\nAPI_KEY=a', 'plaintext');
  const { response } = server.request('textDocument/inlineCompletion', {
    textDocument: { uri: env },
    position: { line: 1, character: 9 },
    context: { triggerKind: 1 },
  });
  expect(await response).toEqual({ items: [] });
  expect((await lastReason(server)).reason).toContain('.env');
});

test('counts what was offered, shown, accepted and kept', async () => {
  const server = await startLocal();
  server.open(uri, `${handlers}router.get("/suppliers", auth`);
  const { items } = await inline(server, 4, 29).response;
  server.notify('textDocument/didShowCompletion', { item: items[0] });
  const { range, insertText, command } = items[0];
  server.change(uri, insertText, range);
  await server.request('workspace/executeCommand', command).response;
  // What is closed before its time is judged as it is then.
  server.notify('textDocument/didClose', { textDocument: { uri } });
  expect((await server.request('inkling/stats', {}).response).suggestions).toEqual({
    offered: 1,
    shown: 1,
    accepted: 1,
    acceptedCharacters: insertText.length,
    kept: { after30Seconds: 1, after2Minutes: 1 },
  });
});
