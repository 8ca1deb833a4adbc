import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDocumentStore } from '../../../src/documents/document-store.ts';
import type { CodeContext } from '../../../src/domain/code-context.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import type { Log, ProgressReporter } from '../../../src/domain/ports.ts';
import type { DocumentFeed, DocumentObserver } from '../../../src/domain/text.ts';
import { createWorkspaceProvider } from '../../../src/providers/workspace/workspace-provider.ts';
import { createVirtualClock } from './virtual-clock.ts';

const never = new AbortController().signal;
const silent: Log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const progress: ProgressReporter = { begin: () => ({ report: () => undefined, end: () => undefined }) };
const LINE = "import { createServer } from './server/create-server.ts';\n";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'inkling-provider-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function setUp() {
  const documents = createDocumentStore({ log: silent });
  let seen: DocumentObserver | undefined;
  const observed: DocumentFeed = {
    ...documents,
    observe(observer) {
      seen = observer;
      return documents.observe(observer);
    },
  };
  const roots = { roots: [root], onChange: () => () => undefined };
  const clock = createVirtualClock();
  const entry = { id: 'workspace', kind: 'workspace' };
  const provider = createWorkspaceProvider(entry, { clock, log: silent, documents: observed, roots, progress });
  const uri = pathToFileURL(join(root, 'main.ts')).href;
  const open = (text: string) => documents.open({ uri, languageId: 'typescript', version: 1, text });
  const complete = (overrides: Partial<CodeContext> = {}) => {
    const text = documents.get(uri)?.text;
    const position = overrides.position ?? text?.positionAt(text.length) ?? { line: 0, character: 0 };
    const context: CodeContext = {
      uri,
      path: 'main.ts',
      languageId: 'typescript',
      prefix: text?.slice(0, text.offsetAt(position)).replaceAll(/\r\n?/g, '\n') ?? '',
      suffix: '',
      position,
      snippets: [],
      recentEdits: [],
      diagnostics: [],
      tokens: 0,
      redactions: 0,
      ...overrides,
    };
    return provider.completeCode(completionRequest({ context }), never);
  };
  return { provider, documents, uri, open, complete, observer: () => seen };
}

test('completes from the workspace once it is indexed', async () => {
  writeFileSync(join(root, 'a.ts'), LINE);
  writeFileSync(join(root, 'b.ts'), LINE);
  const { provider, open, complete } = setUp();
  open('import { createServer } from ');
  expect((await complete()).candidates).toEqual([]);
  await provider.initialize?.(never);
  const { candidates, finishReason, note } = await complete();
  expect(candidates.map(({ text }) => text)).toEqual(["'./server/create-server.ts';"]);
  expect(candidates[0]?.score).toBeGreaterThan(0.4);
  expect(finishReason).toBe('stop');
  expect(note).toBe('Rest of a similar line.');
  expect(provider.lastHealth?.()).toEqual({ state: 'ready' });
});

test('follows the edits of the open document, whatever their line ends', async () => {
  const { documents, uri, open, complete } = setUp();
  open('alpha(beta, gamma);\r\nrun();\r\n');
  documents.change(uri, 2, [
    {
      range: { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } },
      text: 'alpha(beta, gamma);\rrun();\r',
    },
    { range: { start: { line: 4, character: 0 }, end: { line: 4, character: 0 } }, text: 'alpha(beta, ' },
  ]);
  expect((await complete()).candidates[0]?.text).toBe('gamma);');
});

test('the open text counts instead of the file, also through a link', async () => {
  writeFileSync(join(root, 'main.ts'), `${LINE}${LINE}`);
  symlinkSync(root, `${root}-link`);
  const { provider, documents, complete } = setUp();
  const uri = pathToFileURL(join(`${root}-link`, 'main.ts')).href;
  documents.open({ uri, languageId: 'typescript', version: 1, text: 'import { createServer } from ' });
  await provider.initialize?.(never);
  const position = { line: 0, character: 29 };
  expect(await complete({ uri, position, prefix: 'import { createServer } from ' })).toMatchObject({ candidates: [] });
  rmSync(`${root}-link`);
});

test('learns anew what an edit does not fit', async () => {
  const { documents, uri, open, complete, observer } = setUp();
  open('run();\n');
  const before = documents.get(uri);
  const other = createDocumentStore({ log: silent });
  const text = `${'alpha(beta, gamma);\nrun();\n'.repeat(3)}alpha(beta, `;
  other.open({ uri, languageId: 'typescript', version: 2, text });
  const after = other.get(uri);
  if (before === undefined || after === undefined) throw new Error('not open');
  observer()?.didChange(before, after, []);
  const { candidates } = await complete({ position: after.text.positionAt(text.length), redactions: 1 });
  expect(candidates[0]?.text).toBe('gamma);');
});

test('learns nothing from an open file that may hold secrets', async () => {
  const { documents, uri, open, complete } = setUp();
  const secret = pathToFileURL(join(root, '.env')).href;
  documents.open({ uri: secret, languageId: 'plaintext', version: 1, text: '' });
  const text = 'API_TOKEN=s3cr3t-value-42\nexport A=1\n'.repeat(3);
  documents.change(secret, 2, [{ text }]);
  open('API_TOKEN=');
  expect((await complete()).candidates).toEqual([]);
  documents.close(uri);
  const position = { line: 6, character: 0 };
  expect(await complete({ uri: secret, position, prefix: '' })).toMatchObject({
    note: expect.stringMatching(/secrets/),
  });
});

test('says why it offers nothing', async () => {
  const { open, complete, documents, uri } = setUp();
  expect(await complete()).toMatchObject({ candidates: [], note: expect.stringMatching(/not learnt/) });
  open('nothing is like this ');
  expect(await complete()).toMatchObject({ candidates: [], note: expect.stringMatching(/Nothing like this/) });
  expect(await complete({ prefix: 'something older ' })).toMatchObject({ note: 'The document has changed since.' });
  documents.close(uri);
  expect(await complete()).toMatchObject({ note: expect.stringMatching(/not learnt/) });
});

test('cannot chat, and says what to do', async () => {
  const { provider } = setUp();
  expect(provider.capabilities).toMatchObject({ chat: false, codeCompletion: true, streaming: false });
  const request = { messages: [] } as unknown as Parameters<typeof provider.chat>[0];
  await expect(provider.chat(request, never)).rejects.toMatchObject({ kind: 'unsupported', provider: 'workspace' });
  const stream = provider.streamChat(request, never)[Symbol.asyncIterator]();
  await expect(stream.next()).rejects.toMatchObject({ kind: 'unsupported' });
});

test('rejects a call that was cancelled', async () => {
  const { provider } = setUp();
  const request = completionRequest({ context: {} as CodeContext });
  await expect(provider.completeCode(request, AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
});

test('learns nothing more once its lifetime ends', async () => {
  const { provider, open, complete } = setUp();
  const lifetime = new AbortController();
  await provider.initialize?.(lifetime.signal);
  lifetime.abort();
  open(`${LINE}${LINE}import { createServer } from `);
  expect(await complete()).toMatchObject({ candidates: [], note: expect.stringMatching(/not learnt/) });
});
