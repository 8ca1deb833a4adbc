import { expect, test } from 'vitest';
import { lexText } from '../../../src/providers/workspace/lexer.ts';
import { TokenBuffer } from '../../../src/providers/workspace/token-buffer.ts';
import {
  FILE_END,
  LONG_WORD,
  NEWLINE_DEEPER,
  NEWLINE_SAME,
  NEWLINE_SHALLOWER,
  NEWLINE_TOP,
  Vocabulary,
} from '../../../src/providers/workspace/vocabulary.ts';

const NAMES = new Map([
  [FILE_END, '∎'],
  [NEWLINE_SAME, '='],
  [NEWLINE_DEEPER, '>'],
  [NEWLINE_SHALLOWER, '<'],
  [NEWLINE_TOP, '«'],
  [LONG_WORD, '…'],
]);

/** The tokens as one readable string; `·` marks white space before a token. */
function lexed(text: string): string {
  const vocabulary = new Vocabulary();
  const tokens = new TokenBuffer(1);
  lexText(text, vocabulary, tokens);
  return [...tokens.ids.subarray(0, tokens.length)]
    .map((id) => ((id & 1) === 1 ? '·' : '') + (NAMES.get(id >>> 1) ?? vocabulary.textOf(id >>> 1)))
    .join(' ');
}

test.each([
  ['an empty file', '', '∎'],
  ['only blank lines', '\n  \n\t\n', '∎'],
  ['words, operators and the space before them', 'a+= b.c', '= a += ·b . c ∎'],
  ['operators of three characters before shorter ones', 'a === b ...c', '= a ·=== ·b ·... c ∎'],
  ['deeper, same and shallower lines', 'a\n  b\n  c\n    d\n  e', '= a > b = c > d < e ∎'],
  ['lines back at the margin', 'a\n    b\nc\nd', '= a > b « c = d ∎'],
  ['blank lines do not count', 'a\n\n    \n  b', '= a > b ∎'],
  ['the three line ends of LSP', 'a\r\nb\rc\nd', '= a = b = c = d ∎'],
  ['U+2028 is white space within a line', 'a\u2028b', '= a ·b ∎'],
  ['letters beyond ASCII', 'μ = Größe', '= μ ·= ·Größe ∎'],
  ['emoji', "x = '👩‍💻'", "= x ·= ·' 👩‍💻 ' ∎"],
  ['dollar and digits belong to words', '$a1', '= $a1 ∎'],
  ['words too long to be typed', `key = ${'f'.repeat(61)}`, '= key ·= ·… ∎'],
])('cuts %s', (_, text, tokens) => {
  expect(lexed(text)).toBe(tokens);
});
