/** What a model is told of recent edits and of problems, through the built server. */
import { expect, test } from 'vitest';
import { streamText } from '../support/fake-responders.ts';
import type { Json, TestServer } from '../support/server.ts';
import { at, inline, type RemoteOptions, startRemote, uri } from './setup.ts';

const tax = 'file:///project/tax.ts';
const edit = 'tax.ts:\n a();\n-const rate = 0.2;\n+const rate = settings.rate;\n b();';
const chatForm = { fim: 'none' };
const problem = { range: { start: at(1, 0), end: at(1, 3) }, message: 'No such name.', source: 'ts', severity: 1 };

/** A document in which something was changed, one in which something is wrong, and time for both to be told. */
async function startWorking(options: RemoteOptions) {
  const { server, fake } = await startRemote({
    ...options,
    fake: { respond: streamText('<COMPLETION>x</COMPLETION>') },
  });
  server.open(tax, 'a();\nconst rate = 0.2;\nb();\n');
  server.open(uri, 'let a = 1;\nfoo(a);\n');
  server.change(tax, 'settings.rate', { start: at(1, 13), end: at(1, 16) });
  const asked = {
    textDocument: { uri },
    range: { start: at(1, 0), end: at(1, 0) },
    context: { diagnostics: [problem] },
  };
  const actions: Json[] = await server.request('textDocument/codeAction', asked).response;
  return { server, fake, fix: actions.find(({ title }) => /fix/.test(title)).command };
}

function contextOf(server: TestServer): Promise<Json> {
  return server.request('inkling/context', { textDocument: { uri }, position: at(0, 10) }).response;
}

test('a model that takes instructions is told both, as inkling/context shows them', async () => {
  const { server, fake } = await startWorking({ entry: chatForm });
  await expect.poll(async () => (await contextOf(server)).recentEdits).toEqual([edit]);
  expect((await contextOf(server)).diagnostics).toEqual(['2: No such name. (ts)']);
  inline(server, 0, 10);
  const messages: Json = (await fake.nextRequest()).body['messages'];
  const question = messages.at(-1).content;
  expect(question).toContain(`<RECENT_EDITS>\n${edit}\n</RECENT_EDITS>`);
  expect(question).toContain('<PROBLEMS>\nthe cursor is on line 1\n2: No such name. (ts)\n</PROBLEMS>');
});

test.each([
  ['a model that fills in the middle', {}, {}],
  ['whoever does not want it', chatForm, { context: { recentEdits: false, diagnostics: false } }],
])('%s is told neither', async (_name, entry, settings) => {
  const { server } = await startWorking({ entry, settings });
  // When an edit made later is told, this one would be.
  const told = await startWorking({ entry: chatForm });
  await expect.poll(async () => (await contextOf(told.server)).recentEdits).toHaveLength(1);
  expect(await contextOf(server)).toMatchObject({ recentEdits: [], diagnostics: [] });
});

test('a fix is told what was changed, and what is wrong where nobody says it again', async () => {
  const { server, fake, fix } = await startWorking({ entry: chatForm });
  await expect.poll(async () => (await contextOf(server)).recentEdits).toHaveLength(1);
  const [argument] = fix.arguments;
  const bare = { command: fix.command, arguments: [{ uri: argument.uri, range: argument.range }] };
  await server.request('workspace/executeCommand', bare).response;
  const messages: Json = (await fake.nextRequest()).body['messages'];
  expect(messages.at(-1).content).toContain('The editor reports:\n- line 2: No such name. (ts)');
  expect(messages.at(-1).content).toContain(`\`\`\`diff\n${edit}\n\`\`\``);
});
