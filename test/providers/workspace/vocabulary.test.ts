import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIRST_WORD, hashUnits, Vocabulary } from '../../../src/providers/workspace/vocabulary.ts';

const SEED = 20_261_120;

function intern(vocabulary: Vocabulary, word: string): number {
  return vocabulary.intern(word, 0, word.length, hashUnits(word, 0, word.length));
}

test('gives the same number to the same word, also after a copy by data', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, unit: 'binary' }), { maxLength: 300 }), (words) => {
      const vocabulary = new Vocabulary();
      const numbers = words.map((word) => intern(vocabulary, word));
      const copy = new Vocabulary(structuredClone(vocabulary.toData()));
      for (const [index, word] of words.entries()) {
        expect(vocabulary.textOf(numbers[index] ?? 0)).toBe(word);
        expect(copy.find(word)).toBe(numbers[index]);
        expect(intern(copy, word)).toBe(numbers[index]);
      }
      expect(vocabulary.size).toBe(FIRST_WORD + new Set(words).size);
      expect(copy.find(`${words.join('')}!`)).toBe(undefined);
    }),
    { seed: SEED, numRuns: 100 },
  );
});

test('keeps 20,000 words apart while it grows', () => {
  const vocabulary = new Vocabulary();
  const words = Array.from({ length: 20_000 }, (_, index) => `word${index}`);
  const numbers = words.map((word) => intern(vocabulary, word));
  expect(numbers.map((number) => vocabulary.textOf(number))).toEqual(words);
});

test('forgets the words after the first ones', () => {
  const vocabulary = new Vocabulary();
  const kept = intern(vocabulary, 'kept');
  const size = vocabulary.size;
  intern(vocabulary, 'dropped');
  const copy = vocabulary.firstWords(size);
  expect(copy.find('kept')).toBe(kept);
  expect(copy.find('dropped')).toBe(undefined);
});
