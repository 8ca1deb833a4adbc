import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeIn, lineEdit } from '../../src/chat/replacement.ts';

describe('the code in an answer', () => {
  test.each([
    ['a fence with words around it', 'Here:\n```ts\nconst a = 1;\n```\nDone.', 'const a = 1;'],
    ['a fence in a fence', '````md\n```js\nx\n```\n````', '```js\nx\n```'],
    ['an indented fence', '  ```\n  a\n  ```', '  a'],
    ['no fence', 'const a = 1;\n', 'const a = 1;'],
    ['CRLF', '```\r\na\r\nb\r\n```'.replaceAll('\r\n', '\n'), 'a\nb'],
    ['a fence that was never closed', 'Here:\n```ts\nconst a', undefined],
    ['nothing', '  \n', undefined],
  ])('%s', (_name, answer, code) => {
    expect(codeIn(answer)).toBe(code);
  });
});

describe('the edit', () => {
  test('leaves the lines that stay alone', () => {
    expect(lineEdit('a\nb\nc\nd', 'a\nB\nc\nd')).toEqual({ line: 1, count: 1, lines: ['B'] });
    expect(lineEdit('a\nd', 'a\nb\nc\nd')).toEqual({ line: 1, count: 0, lines: ['b', 'c'] });
    expect(lineEdit('a\nb\nc', 'a\nc')).toEqual({ line: 1, count: 1, lines: [] });
    expect(lineEdit('a\nb', 'a\nb')).toBeUndefined();
  });

  test('moves code that begins at the margin to the depth of the original', () => {
    expect(lineEdit('    a();\n    b();', 'a();\n\nif (x) {\n  b();\n}')).toEqual({
      line: 1,
      count: 1,
      lines: ['', '    if (x) {', '      b();', '    }'],
    });
    expect(lineEdit('\ta();', 'b();')).toEqual({ line: 0, count: 1, lines: ['\tb();'] });
  });

  test('applied to the original, always gives the replacement', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (original, replacement) => {
        const edit = lineEdit(original, replacement) ?? { line: 0, count: 0, lines: [] };
        const lines = original.split('\n');
        expect(lines.toSpliced(edit.line, edit.count, ...edit.lines).join('\n')).toBe(replacement);
      }),
      { seed: 13, numRuns: 2_000 },
    );
  });
});
