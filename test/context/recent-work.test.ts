import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ContextSettings, createContextBuilder } from '../../src/context/build-context.ts';
import { createDocumentStore } from '../../src/documents/document-store.ts';
import type { Log } from '../../src/domain/ports.ts';
import type { Problem } from '../../src/domain/problem.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const log: Log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const files = { realPath: () => undefined, readText: () => undefined };
const usual: ContextSettings = {
  maxTokens: 2048,
  prefixShare: 0.5,
  suffixShare: 0.2,
  otherDocuments: true,
  recentEdits: true,
  diagnostics: true,
  exclude: [],
  redactSecrets: true,
};

const main = 'file:///w/main.ts';
const tax = 'file:///w/src/tax.ts';
const lines = (count: number, name = 'line') =>
  Array.from({ length: count }, (_, index) => `${name}${index}\n`).join('');

function desk(changed: Partial<ContextSettings> = {}) {
  let settings = { ...usual, ...changed };
  const documents = createDocumentStore({ log });
  const clock = createVirtualClock();
  const roots = { roots: ['/w'], onChange: () => () => undefined };
  const builder = createContextBuilder({ documents, roots, clock, log, files, settings: () => settings });
  let version = 1;

  function document(uri: string) {
    const found = documents.get(uri);
    if (found === undefined) throw new Error(`${uri} is not open.`);
    return found;
  }

  function at(uri: string, line: number) {
    return builder.build(document(uri), document(uri).text.lineStart(line), settings);
  }

  return {
    builder,
    clock,
    documents,
    open: (uri: string, text: string) => documents.open({ uri, languageId: 'typescript', version: 1, text }),
    close: (uri: string) => documents.close(uri),
    set: (more: Partial<ContextSettings>) => {
      settings = { ...settings, ...more };
    },
    /** Replaces the first occurrence of a text. */
    edit(uri: string, old: string, text: string) {
      const start = document(uri).text.slice(0).indexOf(old);
      const place = (offset: number) => document(uri).text.positionAt(offset);
      version += 1;
      documents.change(uri, version, [{ range: { start: place(start), end: place(start + old.length) }, text }]);
    },
    report(uri: string, line: number, ...messages: readonly (readonly [from: number, to: number, message: string])[]) {
      const problems = messages.map(
        ([from, to, message]): Problem => ({
          range: { start: { line, character: from }, end: { line, character: to } },
          message,
          source: 'ts',
        }),
      );
      const range = { start: { line, character: 0 }, end: { line, character: 0 } };
      builder.reportProblems(document(uri), range, problems);
    },
    at,
    /** The edits that a completion in the main document is told of once they have settled. */
    async edits(line = 0) {
      await clock.advance(500);
      return at(main, line).recentEdits;
    },
  };
}

describe('recent edits', () => {
  test('in another document are a small diff under its path, once they have settled', async () => {
    const { open, edit, at, clock } = desk();
    open(main, 'x\n');
    open(tax, lines(9));
    edit(tax, 'line4', 'rate');
    await clock.advance(499);
    expect(at(main, 0).recentEdits).toEqual([]);
    await clock.advance(1);
    expect(at(main, 0).recentEdits).toEqual([
      'src/tax.ts:\n line1\n line2\n line3\n-line4\n+rate\n line5\n line6\n line7',
    ]);
  });

  test('come newest first, eight at most', async () => {
    const { open, edit, edits, clock } = desk();
    open(main, 'x\n');
    for (let index = 0; index < 10; index++) {
      open(`file:///w/${index}.ts`, 'old\n');
      edit(`file:///w/${index}.ts`, 'old', 'new');
      await clock.advance(1);
    }
    const paths = (await edits()).map((edit) => edit.slice(0, edit.indexOf(':')));
    expect(paths).toEqual(['9.ts', '8.ts', '7.ts', '6.ts', '5.ts', '4.ts', '3.ts', '2.ts']);
  });

  test('near the cursor are in the text around it already', async () => {
    const { open, edit, edits } = desk();
    open(main, lines(300));
    edit(main, 'line200', 'new');
    expect(await edits(100)).toEqual([]);
    expect(await edits(99)).toHaveLength(1);
    expect(await edits(299)).toEqual([]);
  });

  test.each([
    [
      'that were taken back',
      [
        ['old', 'new'],
        ['new', 'old'],
      ],
    ],
    ['of white space alone', [['old', '  old']]],
    ['that are too big', [['old', 'new\n'.repeat(11)]]],
    ['with lines that are too long', [['old', 'new'.repeat(1_000)]]],
  ] as const)('%s are not shown', async (_name, steps) => {
    const { open, edit, edits } = desk();
    open(main, 'x\n');
    open(tax, 'old\n');
    for (const [from, to] of steps) edit(tax, from, to);
    expect(await edits()).toEqual([]);
  });

  test('a long neighbour of a short edit is left out', async () => {
    const { open, edit, edits } = desk();
    open(main, 'x\n');
    open(tax, `${'long '.repeat(1_000)}\nold\n`);
    edit(tax, 'old', 'new');
    expect(await edits()).toEqual(['src/tax.ts:\n-old\n+new']);
  });

  test.each([
    ['that are excluded by default', 'file:///w/.env', {}],
    ['that the user excludes', tax, { exclude: ['src/'] }],
    ['of unknown kinds', 'strange:/w/a.ts', {}],
    ['when other documents are not wanted', tax, { otherDocuments: false }],
    ['when they are not wanted', tax, { recentEdits: false }],
  ])('of documents %s are not shown', async (_name, uri, changed) => {
    const { open, edit, edits } = desk(changed);
    open(main, 'x\n');
    open(uri, 'old\n');
    edit(uri, 'old', 'new');
    expect(await edits()).toEqual([]);
  });

  test('are not remembered while they are not wanted, and forgotten when they no longer are', async () => {
    const { open, edit, edits, set } = desk({ exclude: ['src/'] });
    open(main, 'x\n');
    open(tax, `old\n${lines(9)}`);
    edit(tax, 'old', 'new');
    set({ exclude: [] });
    expect(await edits()).toEqual([]);
    edit(tax, 'new', 'newer');
    expect(await edits()).toHaveLength(1);
    set({ recentEdits: false });
    edit(tax, 'line8', 'other');
    set({ recentEdits: true });
    expect(await edits()).toEqual([]);
  });

  test('are forgotten with the document', async () => {
    const { open, edit, edits, close } = desk();
    open(main, 'x\n');
    open(tax, 'old\n');
    edit(tax, 'old', 'new');
    close(tax);
    open(tax, 'new\n');
    expect(await edits()).toEqual([]);
  });

  test('show no secret, neither of what is gone nor of what is new', async () => {
    const { open, edit, edits, at } = desk();
    open(main, 'x\n');
    open(tax, 'url = "postgres://me:hunter22@db"\n');
    edit(tax, 'hunter22@db', 'hunter23@host');
    expect(await edits()).toEqual([
      'src/tax.ts:\n-url = "postgres://me:REDACTED@db"\n+url = "postgres://me:REDACTED@host"',
    ]);
    expect(at(main, 0).redactions).toBe(2);
  });

  test('beside a private key are never shown', async () => {
    const { open, edit, edits } = desk();
    open(main, 'x\n');
    open(tax, `-----BEGIN PRIVATE KEY-----\n${'MIIEvQ\n'.repeat(20)}-----END PRIVATE KEY-----\n`);
    for (let line = 0; line < 15; line++) edit(tax, line === 0 ? '-----BEGIN PRIVATE KEY-----\n' : 'MIIEvQ\n', '');
    expect(await edits()).toEqual([]);
  });

  test('of an action are all of them, also those near the cursor', async () => {
    const { open, edit, builder, clock } = desk();
    open(main, 'old\n');
    edit(main, 'old', 'new');
    await clock.advance(500);
    expect(builder.recentEdits(main, usual)).toEqual(['main.ts:\n-old\n+new']);
    expect(builder.recentEdits(main, { ...usual, exclude: ['main.ts'] })).toEqual([]);
    const alone = { ...usual, otherDocuments: false };
    expect(builder.recentEdits(main, alone)).toHaveLength(1);
    expect(builder.recentEdits(tax, usual)).toHaveLength(1);
    expect(builder.recentEdits(tax, alone)).toEqual([]);
  });
});

describe('problems', () => {
  const report = [0, 1, 'No such name.'] as const;

  test('are named by line, message and source, the nearest first', () => {
    const { open, at, ...the } = desk();
    open(main, lines(50));
    the.report(main, 2, [0, 4, 'Far\n  away.']);
    the.report(main, 30, [0, 4, 'Near.']);
    expect(at(main, 25).diagnostics).toEqual(['31: Near. (ts)', '3: Far away. (ts)']);
    expect(at(main, 0).diagnostics).toEqual(['3: Far away. (ts)', '31: Near. (ts)']);
  });

  test('move along with edits before them, and are gone when their text is touched', () => {
    const { open, at, edit, ...the } = desk();
    open(main, lines(50));
    the.report(main, 10, [0, 6, 'Wrong.']);
    edit(main, 'line3\n', 'line3\nmore\nmore\n');
    edit(main, 'line12', 'other');
    expect(at(main, 0).diagnostics).toEqual(['13: Wrong. (ts)']);
    edit(main, 'line10', 'line10x');
    expect(at(main, 0).diagnostics).toEqual([]);
  });

  test.each([
    ['before its first character', 0],
    ['behind its last', 6],
  ])('are gone when something is typed %s', (_name, character) => {
    const { open, at, documents, ...the } = desk();
    open(main, lines(50));
    the.report(main, 10, [0, 6, 'Wrong.']);
    const place = { line: 10, character };
    documents.change(main, 2, [{ range: { start: place, end: place }, text: 'x' }]);
    expect(at(main, 0).diagnostics).toEqual([]);
  });

  test('of a line are those of its last report; those of other lines stay', () => {
    const { open, at, ...the } = desk();
    open(main, lines(50));
    the.report(main, 10, report);
    the.report(main, 11, report);
    the.report(main, 10);
    expect(at(main, 0).diagnostics).toEqual(['12: No such name. (ts)']);
  });

  test('are forgotten with time, and with the document', async () => {
    const { open, at, close, clock, ...the } = desk();
    open(main, lines(5));
    the.report(main, 1, report);
    await clock.advance(299_999);
    expect(at(main, 0).diagnostics).toHaveLength(1);
    await clock.advance(1);
    expect(at(main, 0).diagnostics).toEqual([]);
    the.report(main, 1, report);
    close(main);
    open(main, lines(5));
    expect(at(main, 0).diagnostics).toEqual([]);
  });

  test.each([
    ['far away', {}, 120],
    ['not wanted', { diagnostics: false }, 0],
    ['of an excluded document', { exclude: ['main.ts'] }, 0],
  ])('are not shown when they are %s', (_name, changed, line) => {
    const { open, at, ...the } = desk(changed);
    open(main, lines(200));
    the.report(main, 2, report);
    expect(at(main, line).diagnostics).toEqual([]);
  });

  test('show no secret', () => {
    const { open, at, ...the } = desk();
    open(main, lines(5));
    the.report(main, 1, [0, 1, 'Cannot reach postgres://me:hunter22@db']);
    expect(at(main, 0)).toMatchObject({
      diagnostics: ['2: Cannot reach postgres://me:REDACTED@db (ts)'],
      redactions: 1,
    });
  });

  test('show no beginning of a secret that was too long for a report', () => {
    const { open, at, ...the } = desk();
    open(main, lines(5));
    the.report(main, 1, [0, 1, `${'Not a number. '.repeat(12)}'ghp_${'a1B2'.repeat(9)}' is text.`]);
    expect(at(main, 0).diagnostics).toEqual([`2: ${'Not a number. '.repeat(12)}(ts)`]);
    the.report(main, 1, [0, 1, `${'é'.repeat(50)}${'e'.repeat(300)}`]);
    expect(at(main, 0).diagnostics).toEqual([`2: ${'é'.repeat(50)} (ts)`]);
  });

  test('of some lines are asked for by an action', () => {
    const { open, builder, documents, ...the } = desk();
    open(main, lines(50));
    the.report(main, 10, report);
    the.report(main, 20, report);
    const document = documents.get(main);
    const range = { start: { line: 15, character: 0 }, end: { line: 25, character: 0 } };
    expect(document && builder.problemsIn(document, range, usual)).toEqual(['21: No such name. (ts)']);
  });
});

test('edits, problems and other documents share what the text at the cursor leaves', async () => {
  const { open, edit, clock, at, ...the } = desk({ maxTokens: 400 });
  const text = 'export const total = compute(order, customer);\n'.repeat(60);
  open('file:///w/other.ts', text.replaceAll('compute', 'computed'));
  open(tax, 'old\n');
  open(main, text);
  edit(tax, 'old', 'new');
  the.report(main, 1, [0, 6, 'Wrong.']);
  await clock.advance(500);
  const context = at(main, 20);
  expect([context.recentEdits.length, context.diagnostics.length, context.snippets.length]).toEqual([1, 1, 1]);
  expect(context.tokens).toBeLessThanOrEqual(400);
  expect(context.tokens).toBeGreaterThan(360);
});

test('any edits, any problems, any budget: never more tokens than allowed', async () => {
  const text = fc
    .array(fc.constantFrom('name', ' ', '\n', '\r\n', '\u{1f600}', 'é'), { maxLength: 120 })
    .map((parts) => parts.join(''));
  const edit = fc.record({ line: fc.nat(40), text });
  const changed = fc.record({
    maxTokens: fc.integer({ min: 0, max: 600 }),
    prefixShare: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const property = fc.asyncProperty(
    text,
    text,
    fc.array(edit, { maxLength: 6 }),
    changed,
    async (own, other, wanted, changes) => {
      const { open, documents, clock, at, ...the } = desk(changes);
      open(main, own);
      open(tax, other);
      for (const [index, { line, text: inserted }] of wanted.entries()) {
        const place = { line, character: 0 };
        documents.change(tax, index + 2, [{ range: { start: place, end: place }, text: inserted }]);
        the.report(main, line, [0, 1, inserted]);
      }
      await clock.advance(500);
      const context = at(main, 0);
      const snippets = context.snippets.flatMap((snippet) => [snippet.text, snippet.path]);
      const texts = [context.prefix, context.suffix, ...snippets, ...context.recentEdits, ...context.diagnostics];
      const bytes = texts.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
      expect(context.tokens).toBeLessThanOrEqual(changes.maxTokens);
      expect(bytes).toBeLessThanOrEqual(context.tokens * 3.5);
      expect([...context.recentEdits, ...context.diagnostics].some((each) => each.includes('\r'))).toBe(false);
    },
  );
  await fc.assert(property, { seed: 20_261_120, numRuns: 300 });
});
