import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifiersOf } from '../../src/context/identifiers.ts';
import { createSimilarWindows } from '../../src/context/similar-windows.ts';
import { createWindowIndex, WINDOW_LINES } from '../../src/context/window-index.ts';
import type { DocumentSnapshot } from '../../src/domain/text.ts';
import { TextBuffer } from '../../src/util/text-buffer.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = () => false;

function documentOf(text: string, uri = 'file:///w/a.ts'): DocumentSnapshot {
  return { uri, languageId: 'typescript', version: 1, text: TextBuffer.from(text), lineEnding: '\n' };
}

function best(text: string, query: ReadonlySet<string>, count = 2) {
  const index = createWindowIndex(TextBuffer.from(text));
  expect(index.advance(never)).toBe(true);
  return index.best(query, count);
}

describe('the best windows of a document', () => {
  test('agree with comparing every window by its sets', () => {
    const word = fc.constantFrom('alpha', 'beta', 'gamma', 'delta', 'if', 'x', 'ünïcode');
    const line = fc.array(word, { maxLength: 4 }).map((words) => words.join(' + '));
    const lines = fc.array(line, { minLength: 1, maxLength: 150 });
    const property = fc.property(
      lines,
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.subarray(['alpha', 'gamma', 'omega']),
      (all, end, query) => {
        const wanted = new Set(query);
        let expected = 0;
        for (let first = 0; first + Math.min(WINDOW_LINES, all.length) <= all.length; first++) {
          const words = identifiersOf(all.slice(first, first + WINDOW_LINES).join('\n'));
          const shared = query.filter((each) => words.has(each)).length;
          expected = Math.max(expected, shared / Math.max(words.size + wanted.size - shared, 1));
        }
        expect(best(all.join(end), wanted)[0]?.score ?? 0).toBeCloseTo(expected, 10);
      },
    );
    fc.assert(property, { seed: 20_261_120, numRuns: 300 });
  });

  test('are where the names are, and do not overlap', () => {
    const filler = 'other things\n'.repeat(100);
    const found = best(`${filler}needle haystack\n${filler}needle\n${filler}`, new Set(['needle', 'haystack']));
    expect(found.length).toBe(2);
    const [first, second] = found;
    expect(first?.startLine).toBeLessThanOrEqual(100);
    expect(first?.endLine).toBeGreaterThan(100);
    expect(second?.startLine).toBeLessThanOrEqual(201);
    expect(second?.endLine).toBeGreaterThan(201);
  });

  test.each([
    ['nothing in common', 'one two three', ['needle']],
    ['only what every program says', 'if return const', ['if', 'return', 'const']],
    ['an empty document', '', ['needle']],
    ['data that looks like a name', 'deadbeef'.repeat(200_000), ['deadbeef']],
    ['a line longer than what is read', `needle ${'x '.repeat(400_000)}`, ['needle']],
  ])('there are none for %s', (_name, text, query) => {
    expect(best(text, identifiersOf(query.join(' ')))).toEqual([]);
  });
});

describe('a slice of time', () => {
  const query = new Set(['needle']);
  const text = (name: string) => `${name} needle\n${'filler words here\n'.repeat(2_000)}`;
  const documents = ['a', 'b', 'c'].map((name) => documentOf(text(name), `file:///w/${name}.ts`));
  const found = (windows: readonly { document: DocumentSnapshot }[]) =>
    [...new Set(windows.map(({ document }) => document.uri))].sort();

  /** Each look at the clock takes this long. */
  function slowClock(cost: number) {
    const clock = createVirtualClock();
    let spent = 0;
    return Object.assign(Object.create(clock) as typeof clock, {
      now: () => {
        spent += cost;
        return clock.now() + spent;
      },
    });
  }

  test('that is long enough finds all at once and leaves nothing to do', () => {
    const clock = createVirtualClock();
    const similar = createSimilarWindows(clock);
    expect(found(similar.find(query, documents, clock.now() + 1))).toEqual(documents.map(({ uri }) => uri));
    expect(clock.pending).toBe(0);
  });

  test('that is too short goes on in the background until all is found', async () => {
    const clock = slowClock(0.4);
    const similar = createSimilarWindows(clock);
    const counts: number[] = [];
    for (let round = 0; round < 100 && counts.at(-1) !== 3; round++) {
      // No time of its own: only what the background did since the last question.
      counts.push(found(similar.find(query, documents, 0)).length);
      await clock.advance(0);
    }
    expect(counts[0]).toBe(0);
    expect(counts.at(-1)).toBe(3);
    expect(counts.toSorted((left, right) => left - right)).toEqual(counts);
    similar.find(query, documents, 0);
    expect(clock.pending).toBe(0);
  });

  test('that is too short needs no second question to be made good', async () => {
    const clock = slowClock(0.4);
    const similar = createSimilarWindows(clock);
    similar.find(query, documents, 0);
    for (let round = 0; round < 100 && clock.pending > 0; round++) await clock.advance(0);
    expect(clock.pending).toBe(0);
    expect(found(similar.find(query, documents, 0)).length).toBe(3);
  });

  test('that is over leaves what an earlier question found', () => {
    const clock = createVirtualClock();
    const similar = createSimilarWindows(clock);
    similar.find(query, documents, clock.now() + 1);
    expect(found(similar.find(new Set(['filler']), documents, 0)).length).toBe(3);
    expect(clock.pending).toBe(1);
    similar.dispose();
    expect(clock.pending).toBe(0);
  });

  test('a new version is looked at anew', () => {
    const clock = createVirtualClock();
    const similar = createSimilarWindows(clock);
    expect(similar.find(query, [documentOf('needle here')], clock.now() + 1).length).toBe(1);
    expect(similar.find(query, [documentOf('nothing here')], clock.now() + 1).length).toBe(0);
  });
});
