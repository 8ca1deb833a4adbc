import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lexText } from '../../../src/providers/workspace/lexer.ts';
import { type LineSource, OpenDocument } from '../../../src/providers/workspace/open-document.ts';
import { TokenBuffer } from '../../../src/providers/workspace/token-buffer.ts';
import { FILE_END, Vocabulary } from '../../../src/providers/workspace/vocabulary.ts';

const SEED = 20_261_120;

const line = fc.oneof(
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('  ', '\t', '    \u00a0') },
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constantFrom('', '  ', '\t', '    '),
      fc.array(fc.constantFrom('a', 'μ', '👍', ' ', '=', '=>', '(')),
    ),
  },
);
const text = line.map((part) => (typeof part === 'string' ? part : part[0] + part[1].join('')));
const lines = fc.array(text, { minLength: 1, maxLength: 12 });

function sourceOf(all: readonly string[]): LineSource {
  return { lineCount: all.length, lineAt: (at) => all[at] ?? '' };
}

function tokensOf(document: OpenDocument): number[] {
  return [...document.ids.subarray(0, document.length)];
}

test('has the tokens of the whole text after any edit', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.array(text, { maxLength: 5 })), { maxLength: 12 });
  fc.assert(
    fc.property(lines, edits, (first, changes) => {
      const vocabulary = new Vocabulary();
      let all = first;
      const document = new OpenDocument(sourceOf(all), vocabulary);
      for (const [from, count, inserted] of changes) {
        const startLine = from % (all.length + 1);
        const oldEndLine = Math.min(all.length, startLine + (count % 4));
        const next = [...all.slice(0, startLine), ...inserted, ...all.slice(oldEndLine)];
        const newEndLine = startLine + inserted.length;
        all = next.length === 0 ? [''] : next;
        const isEmptied = next.length === 0;
        document.apply(
          { startLine, oldEndLine, newEndLine: isEmptied ? newEndLine + 1 : newEndLine },
          sourceOf(all),
          vocabulary,
        );
        const whole = new TokenBuffer();
        lexText(all.join('\n'), vocabulary, whole);
        expect(tokensOf(document)).toEqual([FILE_END, ...whole.ids.subarray(0, whole.length)]);
        const fresh = new OpenDocument(sourceOf(all), vocabulary);
        for (let at = 0; at <= all.length; at++) {
          expect(document.startOf(at)).toBe(fresh.startOf(at));
          expect(document.columnsBefore(at)).toBe(fresh.columnsBefore(at));
        }
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('refuses an edit that does not fit', () => {
  const document = new OpenDocument(sourceOf(['a', 'b']), new Vocabulary());
  const change = { startLine: 1, oldEndLine: 2, newEndLine: 4 };
  expect(() => document.apply(change, sourceOf(['a', 'b']), new Vocabulary())).toThrow(RangeError);
  expect(document.length).toBe(6);
});

test('learns only the start of a very long line', () => {
  const document = new OpenDocument(sourceOf(['a '.repeat(100_000)]), new Vocabulary());
  expect(document.length).toBeLessThan(2600);
});
