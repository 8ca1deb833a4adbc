import { expect, test } from 'vitest';
import { anchorAt } from '../../src/completion/anchor.ts';
import { createSuggestionMemory, restOf } from '../../src/completion/suggestion.ts';
import { markedDocument } from '../support/cursor.ts';

function suggestionAt(marked: string, text: string) {
  const { document, offset } = markedDocument(marked);
  return { id: text, anchor: anchorAt(document, offset), text, provider: 'p', model: 'm' };
}

test('the newest answers that agree are found, with what is left of them', () => {
  const memory = createSuggestionMemory();
  memory.remember([suggestionAt('a = █', 'foo();')]);
  memory.remember([suggestionAt('a = █', 'far();'), suggestionAt('a = █', 'fat();')]);
  const { document, offset } = markedDocument('a = f█', 2);
  expect(memory.agreeing(document, offset).map(({ rest }) => rest)).toEqual(['ar();', 'at();']);
});

test('only the last answers are kept', () => {
  const memory = createSuggestionMemory();
  for (let count = 0; count < 17; count += 1) memory.remember([suggestionAt(`line ${count} █`, 'text')]);
  const found = (marked: string) => {
    const { document, offset } = markedDocument(marked);
    return memory.agreeing(document, offset).length;
  };
  expect([found('line 0 █'), found('line 1 █'), found('line 16 █')]).toEqual([0, 1, 1]);
});

test.each([
  ['foo', 'f', 'oo'],
  ['foo', '', 'foo'],
  ['foo', 'foo', undefined],
  ['foo', 'x', undefined],
  ['foo', undefined, undefined],
])('of %j after %j is left %j', (text, typed, rest) => {
  expect(restOf(text, typed)).toBe(rest);
});
