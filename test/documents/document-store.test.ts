import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDocumentStore, type DocumentStore } from '../../src/documents/document-store.ts';
import type { Log } from '../../src/domain/ports.ts';
import type { DocumentObserver, Position } from '../../src/domain/text.ts';

const SEED = 20_261_120;
const URI = 'file:///w/a.ts';

function recordingLog() {
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const log: Log = { error: write, warn: write, info: write, debug: write };
  return { log, lines };
}

function storeWith(text: string, maxBytes?: number): DocumentStore {
  const store = createDocumentStore({ log: recordingLog().log, ...(maxBytes === undefined ? {} : { maxBytes }) });
  store.open({ uri: URI, languageId: 'typescript', version: 1, text });
  return store;
}

function textOf(store: DocumentStore, uri = URI): string | undefined {
  return store.get(uri)?.text.slice(0);
}

function at(line: number, character: number): Position {
  return { line, character };
}

/** The offset of a position by splitting the whole text: slow and plainly right. */
function modelOffset(text: string, { line, character }: Position): number {
  if (line < 0) return 0;
  const ends = [...text.matchAll(/\r\n|\n|\r/g)];
  if (line > ends.length) return text.length;
  const before = ends[line - 1];
  const start = before === undefined ? 0 : before.index + before[0].length;
  const stop = ends[line]?.index ?? text.length;
  const offset = Math.min(start + Math.max(character, 0), stop);
  return /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(offset - 1, 0))) && offset > 0
    ? offset - 1
    : offset;
}

test('90,000 edits by position give the text that a plain string gives', { timeout: 60_000 }, () => {
  const parts = ['a', 'bc de', '\n', '\r\n', '\r', '\u2028', '\u{1f600}', '\ud83d', '\ude00', 'é', '中'];
  const fragment = fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((chosen) => chosen.join(''));
  const position = fc.record({
    line: fc.integer({ min: -2, max: 14 }),
    character: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constant(2 ** 31 - 1)),
  });
  const edit = fc.record({ start: position, end: position, text: fragment });
  const property = fc.property(fragment, fc.array(edit, { minLength: 50, maxLength: 50 }), (initial, edits) => {
    const store = storeWith(initial);
    let text = initial;
    let mirrored = '';
    const mirror: DocumentObserver = {
      didOpen: (document) => {
        mirrored = document.text.slice(0);
      },
      didChange: (_before, _after, applied) => {
        for (const { start, end, text } of applied) mirrored = mirrored.slice(0, start) + text + mirrored.slice(end);
      },
      didClose: () => undefined,
      didSave: () => undefined,
    };
    store.observe(mirror);
    edits.forEach(({ start, end, text: inserted }, index) => {
      const [from = 0, to = 0] = [modelOffset(text, start), modelOffset(text, end)].sort((left, right) => left - right);
      text = text.slice(0, from) + inserted + text.slice(to);
      expect(store.change(URI, index + 2, [{ range: { start, end }, text: inserted }])).toBe('applied');
      if (textOf(store) !== text || mirrored !== text)
        throw new Error(JSON.stringify({ text, got: textOf(store), mirrored }));
    });
  });
  fc.assert(property, { seed: SEED, numRuns: 1_800 });
});

describe('changes', () => {
  test('several in one notification are applied in order, each to the text after the one before', () => {
    const store = storeWith('one\ntwo');
    const changes = [
      { range: { start: at(0, 0), end: at(0, 3) }, text: '1\n1' },
      { range: { start: at(1, 0), end: at(1, 1) }, text: 'x' },
    ];
    expect(store.change(URI, 2, changes)).toBe('applied');
    expect(textOf(store)).toBe('1\nx\ntwo');
  });

  test('a snapshot taken before a change keeps its text', () => {
    const store = storeWith('one');
    const before = store.get(URI);
    store.change(URI, 2, [{ text: 'two' }]);
    expect([before?.text.slice(0), before?.version, textOf(store)]).toEqual(['one', 1, 'two']);
  });

  test('of a document that is not open are unknown', () => {
    expect(storeWith('x').change('file:///w/b.ts', 2, [{ text: 'y' }])).toBe('unknown');
  });

  test('after one that made no sense the document is dirty until its full text comes', () => {
    const store = storeWith('one');
    store.distrust(URI);
    expect([store.isDirty(URI), store.get(URI)]).toEqual([true, undefined]);
    expect(store.change(URI, 3, [{ range: { start: at(0, 0), end: at(0, 0) }, text: 'x' }])).toBe('stale');
    expect(store.change(URI, 4, [{ text: 'two' }])).toBe('applied');
    expect(textOf(store)).toBe('two');
    store.distrust('file:///w/none.ts');
    expect(store.isDirty('file:///w/none.ts')).toBe(false);
  });

  test.each([
    ['a\r\nb\r\nc\n', '\r\n'],
    ['a\rb\rc', '\r'],
    ['a\nb\n', '\n'],
    ['a', '\n'],
    ['', '\n'],
    ['\n\r\n', '\n'],
  ])('%j has the line end %j', (text, lineEnding) => {
    expect(storeWith(text).get(URI)?.lineEnding).toBe(lineEnding);
  });
});

describe('versions', () => {
  test.each([1, 0, -1, Number.NaN])('version %d after 1 is refused, and nothing is answered', (version) => {
    const store = storeWith('one');
    expect(store.change(URI, version, [{ range: { start: at(0, 0), end: at(0, 0) }, text: 'x' }])).toBe('stale');
    expect([store.isDirty(URI), store.get(URI), store.recent()]).toEqual([true, undefined, []]);
  });

  test('a dirty document refuses further edits until the full text comes, with whatever version', () => {
    const store = storeWith('one');
    store.change(URI, 1, []);
    expect(store.change(URI, 9, [{ range: { start: at(0, 0), end: at(0, 0) }, text: 'x' }])).toBe('stale');
    expect(store.change(URI, 1, [{ text: 'two' }])).toBe('applied');
    expect([store.isDirty(URI), textOf(store)]).toEqual([false, 'two']);
  });

  test('opening again makes a dirty document clean', () => {
    const store = storeWith('one');
    store.change(URI, 1, []);
    store.open({ uri: URI, languageId: 'typescript', version: 1, text: 'again' });
    expect([store.isDirty(URI), textOf(store)]).toEqual([false, 'again']);
  });
});

describe('observers', () => {
  function recorder(name: string, seen: string[]): DocumentObserver {
    return {
      didOpen: ({ uri }) => void seen.push(`${name} open ${uri}`),
      didChange: (before, after) => void seen.push(`${name} change ${before.version}-${after.version}`),
      didClose: (uri) => void seen.push(`${name} close ${uri}`),
      didSave: (uri) => void seen.push(`${name} save ${uri}`),
    };
  }

  test('see everything in order, and nothing after they stop', () => {
    const store = storeWith('one');
    const seen: string[] = [];
    const stop = store.observe(recorder('a', seen));
    store.observe(recorder('b', seen));
    store.change(URI, 2, [{ text: 'x' }]);
    store.save(URI);
    stop();
    store.close(URI);
    store.save(URI);
    expect(seen).toEqual([
      `a open ${URI}`,
      `b open ${URI}`,
      'a change 1-2',
      'b change 1-2',
      `a save ${URI}`,
      `b save ${URI}`,
      `b close ${URI}`,
    ]);
  });

  test('one that throws is logged and hurts nobody', () => {
    const { log, lines } = recordingLog();
    const store = createDocumentStore({ log });
    const seen: string[] = [];
    const bad = recorder('bad', seen);
    store.observe({
      ...bad,
      didOpen: () => {
        throw new Error('broken');
      },
    });
    store.observe(recorder('good', seen));
    store.open({ uri: URI, languageId: 'typescript', version: 1, text: '' });
    expect([seen, lines]).toEqual([[`good open ${URI}`], ['A document observer failed']]);
  });
});

describe('recency', () => {
  test('the last opened, edited or focused document comes first', () => {
    const store = createDocumentStore({ log: recordingLog().log });
    for (const uri of ['a:1', 'a:2', 'a:3']) store.open({ uri, languageId: 'x', version: 1, text: '' });
    const order = () => store.recent().map(({ uri }) => uri);
    expect(order()).toEqual(['a:3', 'a:2', 'a:1']);
    store.change('a:1', 2, [{ text: 'x' }]);
    expect(order()).toEqual(['a:1', 'a:3', 'a:2']);
    store.focus('a:2');
    store.focus('a:unknown');
    expect(order()).toEqual(['a:2', 'a:1', 'a:3']);
    store.close('a:1');
    expect(order()).toEqual(['a:2', 'a:3']);
  });
});

describe('memory', () => {
  test('a document that does not fit is not opened; closing another makes room', () => {
    const store = storeWith('x'.repeat(60), 200);
    const second = { uri: 'file:///w/b.ts', languageId: 'x', version: 1, text: 'y'.repeat(60) };
    expect(store.open(second)).toBe(false);
    expect(store.get(second.uri)).toBeUndefined();
    store.close(URI);
    expect(store.open(second)).toBe(true);
  });

  test('a change that does not fit makes the document dirty until a text that fits comes', () => {
    const store = storeWith('x'.repeat(60), 200);
    expect(store.change(URI, 2, [{ range: { start: at(0, 0), end: at(0, 0) }, text: 'y'.repeat(60) }])).toBe('stale');
    expect(store.isDirty(URI)).toBe(true);
    expect(store.change(URI, 3, [{ text: 'z'.repeat(100) }])).toBe('applied');
    expect(textOf(store)?.length).toBe(100);
  });
});
