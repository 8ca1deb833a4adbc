import { expect, test } from 'vitest';
import { createKeptSuggestions } from '../../src/assistant/kept-suggestions.ts';
import { createDocumentStore } from '../../src/documents/document-store.ts';
import type { Log } from '../../src/domain/ports.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const log: Log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const uri = 'file:///w/a.ts';
const before = 'const a = 1;\nconst total = ';
const accepted = 'order.price * order.amount;';

function desk(text = `${before}${accepted}\nmore();\n`) {
  const documents = createDocumentStore({ log });
  const clock = createVirtualClock();
  const kept = createKeptSuggestions({ documents, clock });
  let version = 1;
  documents.open({ uri, languageId: 'typescript', version, text });
  return {
    clock,
    kept,
    documents,
    replace(old: string, text: string) {
      const document = documents.get(uri)?.text;
      const start = document?.slice(0).indexOf(old) ?? -1;
      if (document === undefined || start === -1) throw new Error(`${old} is not there.`);
      version += 1;
      const range = { start: document.positionAt(start), end: document.positionAt(start + old.length) };
      documents.change(uri, version, [{ range, text }]);
    },
  };
}

test('what is still there is counted after 30 seconds and again after 2 minutes', async () => {
  const { kept, clock } = desk();
  kept.accepted(uri, before.length, accepted);
  await clock.advance(29_999);
  expect(kept.stats()).toEqual({ after30Seconds: 0, after2Minutes: 0 });
  await clock.advance(1);
  expect(kept.stats()).toEqual({ after30Seconds: 1, after2Minutes: 0 });
  await clock.advance(90_000);
  expect(kept.stats()).toEqual({ after30Seconds: 1, after2Minutes: 1 });
  expect(clock.pending).toBe(0);
});

test.each([
  ['untouched', [], 1],
  ['where a third less one of its characters changed', [['price * ', 'X']], 1],
  ['indented and broken anew', [['price * ', 'price *\n      ']], 1],
  ['moved by what was written above it', [['const a = 1;', `// ${'long '.repeat(50)}\nconst a = 1;`]], 1],
  ['rewritten as a whole with everything else, as a formatter does', [['const a', 'const  a']], 1],
  ['changed by more than a third', [['order.price * order', '9 * 9']], 0],
  ['deleted', [[accepted, '']], 0],
] as const)('a suggestion that was %s', async (_name, steps, expected) => {
  const { kept, clock, replace } = desk();
  kept.accepted(uri, before.length, accepted);
  for (const [old, text] of steps) replace(old, text);
  await clock.advance(30_000);
  expect(kept.stats().after30Seconds).toBe(expected);
});

test('the same words somewhere else are not the suggestion', async () => {
  const { kept, clock, replace } = desk(`${before}fetchAll();\n${'more();\n'.repeat(9)}fetchAll();\n`);
  kept.accepted(uri, before.length, 'fetchAll();');
  replace('fetchAll();', '');
  await clock.advance(30_000);
  expect(kept.stats().after30Seconds).toBe(0);
});

test('an editor may say that it accepts before it sends the text', async () => {
  const { kept, clock, documents } = desk(`${before}\nmore();\n`);
  kept.accepted(uri, before.length, accepted);
  const place = { line: 1, character: 'const total = '.length };
  documents.change(uri, 2, [{ range: { start: place, end: place }, text: accepted }]);
  await clock.advance(30_000);
  expect(kept.stats().after30Seconds).toBe(1);
});

test('of a document that is closed before, what was there then counts', async () => {
  const { kept, clock, documents } = desk();
  kept.accepted(uri, before.length, accepted);
  documents.close(uri);
  expect(kept.stats()).toEqual({ after30Seconds: 1, after2Minutes: 1 });
  await clock.advance(120_000);
  expect(kept.stats()).toEqual({ after30Seconds: 1, after2Minutes: 1 });
});

test('only so many are waited for, and none after the end', async () => {
  const { kept, clock } = desk();
  for (let index = 0; index < 100; index++) kept.accepted(uri, before.length, accepted);
  expect(clock.pending).toBe(128);
  kept.dispose();
  expect(clock.pending).toBe(0);
});
