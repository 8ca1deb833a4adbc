import { expect, test } from 'vitest';
import { blockAround } from '../../src/lsp/block-around.ts';
import { markedDocument } from '../support/cursor.ts';

function block(marked: string): string {
  const { document, offset } = markedDocument(marked);
  const { start, end } = blockAround(document, document.text.positionAt(offset).line);
  return document.text.slice(document.text.offsetAt(start), document.text.offsetAt(end));
}

test.each([
  ['inside a function', 'a();\nfunction f() {\n  b();█\n\n  c();\n}\nd();', 'function f() {\n  b();\n\n  c();\n}'],
  ['on its first line', 'function f() {█\n  b();\n}\nd();', 'function f() {\n  b();\n}'],
  ['by indentation alone', 'def f():\n    a()█\n    b()\n\ng()', 'def f():\n    a()\n    b()'],
  ['a line of its own', 'a();\nb();█\nc();', 'b();'],
  ['in an empty document', '█', ''],
])('%s', (_name, marked, expected) => {
  expect(block(marked)).toBe(expected);
});
