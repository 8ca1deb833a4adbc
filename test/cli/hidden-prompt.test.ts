/** A line typed blindly, as a terminal in raw mode sends it. */
import { expect, test } from 'vitest';
import { createHiddenLine } from '../../src/cli/hidden-prompt.ts';

test.each<[string, readonly string[], unknown]>([
  ['a line', ['abc\r'], { answer: 'abc' }],
  ['key by key', ['a', 'b', 'c', '\n'], { answer: 'abc' }],
  ['backspace takes back one character, also where there is none', ['\x7fab\x7f\x7f\x7fc\b', 'd\r'], { answer: 'd' }],
  ['Ctrl-U begins anew', ['abc\x15d\r'], { answer: 'd' }],
  ['Ctrl-C gives up', ['abc\x03'], 'interrupted'],
  ['Ctrl-D gives up where nothing was typed', ['\x04'], 'interrupted'],
  ['Ctrl-D ends what was typed', ['abc\x04'], { answer: 'abc' }],
  ['cursor keys do nothing', ['a\x1b[D\x1bOAb\r'], { answer: 'ab' }],
  ['what is pasted comes with marks', ['\x1b[200~abc\x1b[201~\r'], { answer: 'abc' }],
  ['other control keys do nothing', ['a\x01\x0b\tb\r'], { answer: 'ab' }],
  ['characters of two units are one', ['a😀\x7fb\r'], { answer: 'ab' }],
  ['the line has not ended', ['abc'], undefined],
])('%s', (_, pieces, expected) => {
  const line = createHiddenLine();
  expect(pieces.map((piece) => line.type(piece)).at(-1)).toEqual(expected);
});

test('what is longer than any key is cut', () => {
  const answer = createHiddenLine().type(`${'a'.repeat(100_000)}\r`);
  expect(answer).toEqual({ answer: 'a'.repeat(8_192) });
});
