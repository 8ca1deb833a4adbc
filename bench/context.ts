/** What a keystroke costs before a request can leave: the edit and the context, in a 10 MB document and among 200 open ones. */
import { type ContextBuilder, type ContextSettings, createContextBuilder } from '../src/context/build-context.ts';
import { createDocumentStore, type DocumentStore } from '../src/documents/document-store.ts';
import type { Log } from '../src/domain/ports.ts';
import { systemClock } from '../src/util/system-clock.ts';
import type { Row } from './row.ts';
import { beyond, summary, within } from './statistics.ts';

const nothing = () => undefined;
const log: Log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
const settings: ContextSettings = {
  maxTokens: 2048,
  prefixShare: 0.5,
  suffixShare: 0.2,
  otherDocuments: true,
  recentEdits: true,
  diagnostics: true,
  exclude: ['*.generated.*', '/vendor/'],
  redactSecrets: true,
};

const BIG = 10 * 1024 * 1024;
const DOCUMENTS = 200;
/** Lines of each of the 200 documents: a usual file is 300, a long one 2,000. */
const LINES = 1_000;
/** Milliseconds a build may take, and the event loop may stand still. */
const LIMIT = 5;
/** Milliseconds one edit of one line may take. */
const EDIT_LIMIT = 1;
/** Microseconds that remembering it may add. */
const RECORDING_LIMIT = 5;
const TYPED = 50;

export async function benchContext(): Promise<Row[]> {
  const lines = Math.ceil(BIG / sourceLine(0).length);
  return [
    ...bigDocument('10 MB, many lines', source(0, lines), Math.floor(lines / 2)),
    ...bigDocument('10 MB, one line', 'const a = b + c;'.repeat(BIG / 16), 0),
    ...(await manyDocuments()),
    ...recording(),
  ];
}

interface Session {
  readonly documents: DocumentStore;
  readonly builder: ContextBuilder;
}

function session(now: ContextSettings = settings): Session {
  const documents = createDocumentStore({ log });
  const roots = { roots: ['/workspace'], onChange: () => nothing };
  return {
    documents,
    builder: createContextBuilder({ documents, roots, clock: systemClock, log, settings: () => now }),
  };
}

/** Types a word in the middle, asking at each letter. */
function bigDocument(name: string, text: string, line: number): Row[] {
  const { documents, builder } = session();
  const uri = 'file:///workspace/big.ts';
  const opened = timed(() => void documents.open({ uri, languageId: 'typescript', version: 1, text }));
  const edits: number[] = [];
  const builds: number[] = [];
  for (let typed = 0; typed < 300; typed++) {
    edits.push(timed(() => typeLetter(documents, uri, line, typed)));
    builds.push(timed(() => buildAt(builder, documents, uri, line, typed + 1)));
  }
  builder.dispose();
  return [
    { name: `${name}: open`, median: opened, unit: 'ms', count: 1 },
    within(summary(`${name}: edit`, 'ms', edits), EDIT_LIMIT),
    within(summary(`${name}: build the context`, 'ms', builds), LIMIT),
  ];
}

async function manyDocuments(): Promise<Row[]> {
  const texts = Array.from({ length: DOCUMENTS }, (_, index) => source(index, LINES));
  const cold: number[] = [];
  for (let round = 0; round < 20; round++) {
    const { documents, builder } = openMany(texts);
    cold.push(timed(() => buildAt(builder, documents, uriOf(0), LINES / 2, 4)));
    builder.dispose();
  }
  const { documents, builder } = openMany(texts);
  const eventLoop = watchEventLoop();
  const delays: number[] = [];
  const filling: number[] = [];
  for (let typed = 0; typed < 200; typed++) {
    typeLetter(documents, uriOf(0), LINES / 2, typed);
    filling.push(timed(() => buildAt(builder, documents, uriOf(0), LINES / 2, typed + 1)));
    await turn();
    delays.push(eventLoop.worst());
  }
  eventLoop.stop();
  const same: number[] = [];
  const moved: number[] = [];
  for (let index = 0; index < 300; index++) {
    same.push(timed(() => buildAt(builder, documents, uriOf(0), LINES / 2, 4)));
  }
  for (let index = 0; index < 300; index++) {
    moved.push(timed(() => buildAt(builder, documents, uriOf(0), 10 + index * 3, 4)));
  }
  builder.dispose();
  const name = `${DOCUMENTS} documents`;
  return [
    {
      ...within(summary(`${name}: first context, nothing cached`, 'ms', cold), LIMIT),
      note: `fastest ${Math.min(...cold).toFixed(2)} ms`,
    },
    within(summary(`${name}: while typing from the first letter`, 'ms', filling), LIMIT),
    within(summary(`${name}: same names at the cursor`, 'ms', same), LIMIT),
    within(summary(`${name}: other names at the cursor`, 'ms', moved), LIMIT),
    within(summary(`${name}: event loop held up, worst of each key`, 'ms', delays), LIMIT),
  ];
}

/** What remembering recent edits adds to each of them, in a usual file. */
function recording(): Row[] {
  const [without, recorded] = [false, true].map((recentEdits) => {
    const { documents, builder } = session({ ...settings, recentEdits });
    documents.open({ uri: uriOf(0), languageId: 'typescript', version: 1, text: source(0, 300) });
    const batches: number[] = [];
    for (let batch = 0; batch < 200; batch++) batches.push((timed(() => typeLine(documents, batch)) * 1_000) / TYPED);
    builder.dispose();
    return batches;
  });
  const unrecorded = summary('300 lines: edit, nothing remembered', 'µs', without ?? []);
  return [
    unrecorded,
    beyond(summary('300 lines: edit, remembered', 'µs', recorded ?? []), unrecorded.median, RECORDING_LIMIT),
  ];
}

/** Letters of one line, and then of another far away: one timing for all, because one letter is too short to time. */
function typeLine(documents: DocumentStore, batch: number): void {
  for (let typed = 0; typed < TYPED; typed++) {
    const place = { line: (batch * 37) % 300, character: typed };
    documents.change(uriOf(0), batch * TYPED + typed + 2, [{ range: { start: place, end: place }, text: 'x' }]);
  }
}

function openMany(texts: readonly string[]): Session {
  const made = session();
  for (const [index, text] of texts.entries()) {
    made.documents.open({ uri: uriOf(index), languageId: 'typescript', version: 1, text });
  }
  made.documents.focus(uriOf(0));
  return made;
}

function uriOf(index: number): string {
  return `file:///workspace/src/module${index}.ts`;
}

function source(seed: number, lines: number): string {
  return Array.from({ length: lines }, (_, line) => sourceLine(line + seed * 31)).join('');
}

/** Few names are common to all documents, many to some: as in a real project. */
function sourceLine(number: number): string {
  const subject = `${['order', 'invoice', 'customer', 'payment', 'shipment'][number % 5]}${number % 211}`;
  return `  const ${subject}Total = compute${number % 37}(${subject}, settings.rate${number % 7}); // step ${number % 13}\n`;
}

function typeLetter(documents: DocumentStore, uri: string, line: number, typed: number): void {
  const place = { line, character: typed };
  documents.change(uri, typed + 2, [{ range: { start: place, end: place }, text: 'x' }]);
}

function buildAt(
  builder: ContextBuilder,
  documents: DocumentStore,
  uri: string,
  line: number,
  character: number,
): void {
  const document = documents.get(uri);
  if (document === undefined) throw new Error(`${uri} is not open`);
  builder.build(document, document.text.offsetAt({ line, character }), settings);
}

/** Milliseconds. */
function timed(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

/** Lets timers and input run, as between two keys. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4));
}

/** The longest time between two turns of the event loop, since it was last asked for. */
function watchEventLoop(): { worst(): number; stop(): void } {
  let longest = 0;
  let last = performance.now();
  let next = setImmediate(look);
  function look(): void {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    next = setImmediate(look);
  }
  return {
    worst() {
      const found = longest;
      longest = 0;
      return found;
    },
    stop: () => clearImmediate(next),
  };
}
