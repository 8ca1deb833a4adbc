import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ContextSettings, createContextBuilder } from '../../src/context/build-context.ts';
import { createDocumentStore } from '../../src/documents/document-store.ts';
import type { CodeContext } from '../../src/domain/code-context.ts';
import type { Log } from '../../src/domain/ports.ts';
import type { LocalFiles } from '../../src/util/local-files.ts';
import { CURSOR, parseCursor } from '../support/cursor.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const log: Log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const noFiles: LocalFiles = { realPath: () => undefined, readText: () => undefined };

const settings: ContextSettings = {
  maxTokens: 2048,
  prefixShare: 0.5,
  suffixShare: 0.2,
  otherDocuments: true,
  recentEdits: true,
  diagnostics: true,
  exclude: [],
  redactSecrets: true,
};

interface Scene {
  readonly uri?: string;
  readonly languageId?: string;
  /** Opened before the document, the last one most recently: address to text. */
  readonly others?: Readonly<Record<string, string>>;
  readonly othersLanguage?: string;
  readonly settings?: Partial<ContextSettings>;
  readonly files?: LocalFiles;
}

/** The context at the cursor of a marked text. */
function contextAt(marked: string, scene: Scene = {}): CodeContext {
  const { uri = 'file:///w/src/main.ts', languageId = 'typescript', others = {}, othersLanguage = languageId } = scene;
  const documents = createDocumentStore({ log });
  const roots = { roots: ['/w'], onChange: () => () => undefined };
  const clock = createVirtualClock();
  const builder = createContextBuilder({
    documents,
    roots,
    clock,
    log,
    files: scene.files ?? noFiles,
    settings: () => settings,
  });
  for (const [other, text] of Object.entries(others))
    documents.open({ uri: other, languageId: othersLanguage, version: 1, text });
  const { text, offset } = parseCursor(marked);
  documents.open({ uri, languageId, version: 1, text });
  const document = documents.get(uri);
  if (document === undefined) throw new Error('The document was not opened.');
  const context = builder.build(document, offset, { ...settings, ...scene.settings });
  builder.dispose();
  return context;
}

function around(context: CodeContext): string {
  return context.prefix + CURSOR + context.suffix;
}

const neighbour = `${'export function computeInvoice(customer: Customer): Invoice {\n  return lookup(customer).invoice;\n}\n'.repeat(3)}`;
const marked = 'const invoice = computeInvoice(customer);\nlookup(█);\n';

describe('the text around the cursor', () => {
  test.each([
    ['a short document whole', 'a\nb█c\nd\n', {}, 'a\nb█c\nd\n'],
    ['line ends as \\n', 'a\r\nb\rc█d\r\ne', {}, 'a\nb\nc█d\ne'],
    [
      'the end of a long one',
      `${'x'.repeat(99)}\n`.repeat(500).concat('end█'),
      { maxTokens: 60 },
      `${'x'.repeat(99)}\n`.repeat(2).concat('end█'),
    ],
    [
      'its beginning',
      `█begin\n${`${'x'.repeat(99)}\n`.repeat(500)}`,
      { maxTokens: 60 },
      `█begin\n${`${'x'.repeat(99)}\n`.repeat(2)}`,
    ],
    ['more bytes for each token', `${'y'.repeat(100)}█`, { maxTokens: 10, bytesPerToken: 2 }, `${'y'.repeat(20)}█`],
    [
      'special tokens of models are text',
      '<|endoftext|><|fim_middle|>█<fim_suffix>',
      {},
      '<|endoftext|><|fim_middle|>█<fim_suffix>',
    ],
  ])('%s', (_name, text, changed, expected) => {
    expect(around(contextAt(text, { settings: changed }))).toBe(expected);
  });

  test('names the place: language, path below the root, position', () => {
    expect(contextAt('a\r\nbc█')).toMatchObject({
      uri: 'file:///w/src/main.ts',
      path: 'src/main.ts',
      languageId: 'typescript',
      position: { line: 1, character: 2 },
    });
  });

  test('a document opened through a link has its path below the real root', () => {
    const files = { ...noFiles, realPath: (path: string) => path.replace('/link/', '/w/') };
    expect(contextAt('█', { uri: 'file:///link/src/a.ts', files }).path).toBe('src/a.ts');
  });

  test('where a link leads is asked once for many completions, and again when the document is saved', () => {
    let target = '/w/';
    let asked = 0;
    const realPath = (path: string) => {
      asked += 1;
      return path.replace('/link/', target);
    };
    const uri = 'file:///link/src/a.ts';
    const documents = createDocumentStore({ log });
    const roots = { roots: ['/w'], onChange: () => () => undefined };
    const files = { ...noFiles, realPath };
    const builder = createContextBuilder({
      documents,
      roots,
      clock: createVirtualClock(),
      log,
      files,
      settings: () => settings,
    });
    const path = () => {
      const document = documents.get(uri);
      return document && builder.build(document, 0, settings).path;
    };
    documents.open({ uri, languageId: 'typescript', version: 1, text: '' });
    expect(path()).toBe('src/a.ts');
    asked = 0;
    target = '/w/moved/';
    expect([path(), asked]).toEqual(['src/a.ts', 0]);
    documents.save(uri);
    expect(path()).toBe('moved/src/a.ts');
    builder.dispose();
  });

  test('secrets become placeholders and are counted; not where the user does not want it', () => {
    const text = `const url = "postgres://me:hunter22@db";\n█`;
    expect(contextAt(text)).toMatchObject({ prefix: 'const url = "postgres://me:REDACTED@db";\n', redactions: 1 });
    const open = contextAt(text, { settings: { redactSecrets: false } });
    expect(open).toMatchObject({ prefix: 'const url = "postgres://me:hunter22@db";\n', redactions: 0 });
  });

  test('a secret at the cursor is replaced on both sides', () => {
    const context = contextAt('url = "postgres://me:hunt█er22@db"');
    expect([around(context), context.redactions]).toEqual(['url = "postgres://me:REDA█CTED@db"', 1]);
  });
});

describe('other documents', () => {
  test('of the same language give their most similar lines', () => {
    const filler = Array.from({ length: 200 }, (_, index) => `step${index}(part${index});\n`).join('');
    const context = contextAt(marked, { others: { 'file:///w/lib/billing.ts': filler + neighbour + filler } });
    const [snippet] = context.snippets;
    expect(snippet).toMatchObject({ uri: 'file:///w/lib/billing.ts', path: 'lib/billing.ts', reason: 'similar' });
    expect(snippet?.text).toContain('export function computeInvoice');
    expect(snippet?.score).toBeGreaterThan(0);
  });

  test.each([
    ['of another language', marked, { others: { 'file:///w/a.py': neighbour }, othersLanguage: 'python' }],
    ['with nothing in common', marked, { others: { 'file:///w/a.ts': 'one(two, three, four, five);\n'.repeat(10) } }],
    [
      'when they are not wanted',
      marked,
      { others: { 'file:///w/a.ts': neighbour }, settings: { otherDocuments: false } },
    ],
    ['that are excluded', marked, { others: { 'file:///w/a.ts': neighbour }, settings: { exclude: ['a.ts'] } }],
    ['that are secret', marked, { others: { 'file:///w/.env.ts': neighbour } }],
    ['that are binary', marked, { others: { 'file:///w/a.ts': `${neighbour}\0` } }],
    ['that are old versions', marked, { others: { 'git:/w/a.ts?HEAD': neighbour } }],
    ['of an unknown kind', marked, { others: { 'strange:/w/a.ts': neighbour } }],
    [
      'beside a document of an unknown kind',
      marked,
      { uri: 'strange:/w/main.ts', others: { 'file:///w/a.ts': neighbour } },
    ],
  ] satisfies [string, string, Scene][])('%s give nothing', (_name, text, scene) => {
    expect(contextAt(text, scene).snippets).toEqual([]);
  });

  test.each([
    ['typescript', 'javascriptreact'],
    ['c', 'cpp'],
    ['sh', 'shellscript'],
  ])('%s learns from %s', (languageId, othersLanguage) => {
    const others = { 'file:///w/a': neighbour };
    expect(contextAt(marked, { languageId, othersLanguage, others }).snippets.length).toBe(1);
  });

  test('have their secrets replaced too, and counted', () => {
    const secret = `// postgres://me:hunter22@db\n`;
    const context = contextAt(marked, { others: { 'file:///w/a.ts': neighbour + secret } });
    expect(context.redactions).toBe(1);
    expect(context.snippets[0]?.text).toContain('postgres://me:REDACTED@db');
  });

  test('snippets are whole lines at their range, do not overlap, and come best first', () => {
    const filler = 'unrelated(words, only);\n'.repeat(80);
    const text = `${neighbour}${filler}${neighbour.replaceAll('lookup', 'find')}`.replaceAll('\n', '\r\n');
    const { snippets } = contextAt(marked, { others: { 'file:///w/a.ts': text, 'file:///w/b.ts': neighbour } });
    expect(snippets.length).toBeGreaterThan(1);
    const lines = text.split('\r\n');
    for (const { uri, range, text: shown } of snippets) {
      const all = uri === 'file:///w/a.ts' ? lines : neighbour.split('\n');
      expect(all.slice(range.start.line, range.end.line + 1).join('\n')).toBe(shown);
      expect([range.start.character, range.end.character]).toEqual([0, all[range.end.line]?.length]);
    }
    const scores = snippets.map(({ score }) => score);
    expect(scores.toSorted((left, right) => right - left)).toEqual(scores);
    const [first, second] = snippets.filter(({ uri }) => uri === 'file:///w/a.ts').map(({ range }) => range);
    if (first && second) expect(first.end.line < second.start.line || second.end.line < first.start.line).toBe(true);
  });

  test('the same text twice is shown once', () => {
    const others = { 'file:///w/a.ts': neighbour, 'file:///w/b.ts': neighbour };
    expect(contextAt(marked, { others }).snippets.length).toBe(1);
  });

  test('what does not fit loses the lines that say least', () => {
    const text = `${'unrelated(words, only);\n'.repeat(20)}${neighbour}${'unrelated(words, only);\n'.repeat(20)}`;
    const [snippet] = contextAt(marked, { others: { 'file:///w/a.ts': text }, settings: { maxTokens: 105 } }).snippets;
    expect(snippet?.text).toContain('computeInvoice');
    expect(snippet?.text).not.toContain('unrelated');
  });
});

describe('excluded documents', () => {
  const empty = { prefix: '', suffix: '', snippets: [], recentEdits: [], diagnostics: [], tokens: 0, redactions: 0 };
  test.each([
    ['by default', 'file:///w/.env', 'KEY=█', 'excluded by the default exclusion (.env*)'],
    ['by the user', 'file:///w/private/a.ts', '█', 'excluded by privacy.exclude (private/)'],
    ['binary', 'file:///w/a.ts', 'a\0█', 'the document is binary'],
    ['old versions', 'git:/w/a.ts', '█', 'documents of the kind "git:" are not sent'],
  ])('%s show nothing but the reason', (_name, uri, text, excluded) => {
    const scene = { uri, others: { 'file:///w/b.ts': neighbour }, settings: { exclude: ['private/'] } };
    expect(contextAt(text, scene)).toMatchObject({ ...empty, excluded });
  });
});

describe('hostile documents', () => {
  test.each([
    ['10 MB on one line', `${'const a = b;'.repeat(437_000)}█${'const a = b;'.repeat(437_000)}`],
    ['1 MB of hex', `${'deadbeef'.repeat(65_536)}█${'deadbeef'.repeat(65_536)}`],
    ['a letter, 100,000 times', `${'a'.repeat(100_000)}█`],
    ['a million lines', `${'\n'.repeat(500_000)}█${'\n'.repeat(500_000)}`],
    ['parentheses', `${'('.repeat(200_000)}█`],
    ['lone surrogates', `${'\ud83d'.repeat(50_000)}x█${'\ude00'.repeat(50_000)}`],
    ['emoji', `${'\u{1f600}'.repeat(50_000)}█${'\u{1f600}'.repeat(50_000)}`],
    ['CRLF alone', `${'\r\n'.repeat(100_000)}█${'\r\n'.repeat(100_000)}`],
    ['NULs far behind', `${'a'.repeat(9_000)}${'\0'.repeat(5_000)}█`],
  ])('%s stay within the budget', (_name, text) => {
    const others = { 'file:///w/other.ts': text.replace(CURSOR, '') };
    const context = contextAt(text, { others });
    expect(context.excluded).toBeUndefined();
    expect(context.tokens).toBeLessThanOrEqual(settings.maxTokens);
    expect(text.replaceAll('\r\n', '\n')).toContain(around(context));
    expect(context.prefix.length + context.suffix.length).toBeGreaterThan(1_000);
  });

  test('any text, any place, any settings: never more tokens than allowed', () => {
    const part = fc.constantFrom('name', 'other ', '\n', '\r\n', '\r', '\u{1f600}', 'é', '(', 'sk-', '\u2028');
    const text = fc.array(part, { maxLength: 200 }).map((parts) => parts.join(''));
    const changed = fc.record({
      maxTokens: fc.integer({ min: 0, max: 300 }),
      prefixShare: fc.double({ min: 0, max: 1, noNaN: true }),
      suffixShare: fc.double({ min: 0, max: 1, noNaN: true }),
      bytesPerToken: fc.constantFrom(1, 3, 3.5, 4.4),
    });
    const property = fc.property(text, text, text, changed, (before, after, other, changes) => {
      const others = { 'file:///w/a.ts': other, 'file:///w/b.ts': `${before}\n${other}` };
      const context = contextAt(`${before}█${after}`, { others, settings: changes });
      const texts = [context.prefix, context.suffix, ...context.snippets.map((snippet) => snippet.text)];
      const bytes = texts.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
      expect(context.tokens).toBeLessThanOrEqual(changes.maxTokens);
      expect(bytes).toBeLessThanOrEqual(changes.maxTokens * changes.bytesPerToken);
      expect(texts.some((each) => each.includes('\r'))).toBe(false);
    });
    fc.assert(property, { seed: 20_261_120, numRuns: 500 });
  });
});

describe('golden files', () => {
  function render(title: string, context: CodeContext): string {
    const { prefix, suffix, snippets, ...rest } = context;
    const shown = snippets.map(
      ({ text, ...snippet }) =>
        `--- snippet ${JSON.stringify({ ...snippet, score: snippet.score.toFixed(3) })}\n${text}\n`,
    );
    return `${title}\n\n${JSON.stringify(rest, null, 2)}\n${shown.join('')}--- text\n${prefix}${CURSOR}${suffix}\n`;
  }

  const orders = [
    "import { database } from './database.ts';",
    '',
    "const service = 'https://billing:s3cr3t-pass@billing.example';",
    '',
    'export interface Order {',
    '  readonly id: string;',
    '  readonly customerId: string;',
    '  readonly lines: readonly OrderLine[];',
    '}',
    '',
    'export async function loadOrder(orderId: string): Promise<Order> {',
    "  return database.one('select * from orders where id = $1', [orderId]);",
    '}',
    '',
    'export async function totalOf(orderId: string): Promise<number> {',
    '  const order = await loadOrder(orderId);',
    '  return order.lines.reduce((sum, line) => sum + line.price * line.count, 0);',
    '}',
  ].join('\r\n');
  const refunds = [
    "import { loadOrder } from './orders.ts';",
    '',
    'export async function refund(orderId: string): Promise<void> {',
    '  const order = await loadOrder(orderId);',
    '  █',
    '}',
    '',
    'export async function partialRefund(orderId: string, share: number): Promise<void> {',
    '  await database.none(',
    "    'insert into refunds (order_id, share) values ($1, $2)',",
    '    [orderId, share],',
    '  );',
    '}',
    '',
  ].join('\n');
  const others = {
    'file:///w/src/.env.ts': 'export const orderId = loadOrder;',
    'file:///w/src/notes.ts': 'export const unrelated = 1;',
    'file:///w/src/orders.ts': orders,
  };

  test.each([
    ['all-fits', 'All of the document, and the similar part of another with its password replaced.', {}],
    [
      'tight',
      'A tight budget: the nearest whole lines, and the lines of the other document that share most names.',
      { maxTokens: 150 },
    ],
    ['excluded', 'The user excluded the folder: the reason and nothing else.', { exclude: ['src/'] }],
  ])('%s', async (name, title, changed) => {
    const context = contextAt(refunds, { uri: 'file:///w/src/refunds.ts', others, settings: changed });
    await expect(render(title, context)).toMatchFileSnapshot(`../fixtures/context/${name}.txt`);
  });
});
