import { describe, expect, test } from 'vitest';
import { type Shaped, shapeCompletion } from '../../src/completion/shape.ts';
import { surroundings } from '../../src/completion/surroundings.ts';
import { markedDocument } from '../support/cursor.ts';

function shape(marked: string, raw: string, ended = true): Shaped {
  const { document, offset } = markedDocument(marked);
  return shapeCompletion(raw, surroundings(document, offset, 12), ended);
}

function check(marked: string, raw: string, text: string): void {
  expect(shape(marked, raw).text).toBe(text);
}

describe('one line', () => {
  test('ends with the line', () => check('const a = █', 'f(1);\nconst b = 2;', 'f(1);'));
  test('is settled at the first line break, before the stream ends', () => {
    expect(shape('const a = █', 'f(1);\nco', false)).toEqual({ text: 'f(1);', settled: true });
    expect(shape('const a = █', 'f(1);', false)).toEqual({ text: 'f(1);', settled: false });
  });
  test('that only repeats the next line is not offered', () => check('foo(█\nbar();\n', 'bar();', ''));
  test('white space alone is not offered', () => check('const a = █', '   \n', ''));
});

describe('a block', () => {
  test('goes on to the line that closes it', () =>
    check('function f() {█\n', '\n  return 1;\n}\nfunction g() {\n', '\n  return 1;\n}'));
  test('does not repeat the closing line that is there already', () =>
    check('function f() {█\n}\n', '\n  return 1;\n}', '\n  return 1;'));
  test('goes between brackets that the editor closed', () =>
    check('function f() {█}\n', '\n  return 1;\n}\n', '\n  return 1;\n}'));
  test('keeps a closing line of another depth', () =>
    check('class A {\n  f() {█\n}\n', '\n    return 1;\n  }', '\n    return 1;\n  }'));
  test('ends where the text leaves the block', () => check('if (a) {\n  █\n}\n', 'b();\n  c();\nelse', 'b();\n  c();'));
  test('does not write the indentation twice', () => check('if (a) {\n    █\n}\n', '    b();', 'b();'));
  test('ends at two empty lines', () => check('█', 'a();\n\n\nb();', 'a();'));
  test('drops the end that stands below already', () =>
    check('█\nlog(x);\nreturn x;\n', 'const x = 1;\nlog(x);\nreturn x;', 'const x = 1;'));
  test('takes on tabs', () =>
    check(
      'function f() {\n\tb();\n}\nfunction g() {█\n',
      '\n  d();\n  if (e) {\n    g();',
      '\n\td();\n\tif (e) {\n\t\tg();',
    ));
  test('takes on spaces', () => check('function f() {\n  b();\n}\nfunction g() {█\n', '\n\td();\n}', '\n  d();\n}'));
  test('has at most the lines that are allowed', () => {
    const raw = Array.from({ length: 30 }, (_, line) => `call${line}();`).join('\n');
    expect(shape('█', raw).text.split('\n')).toHaveLength(12);
  });
});

test('shaping the text as it grows never takes back what was settled', () => {
  const raw = '\n  const a = 1;\n  return a;\n}\n\nfunction g() {\n  return 2;\n}\n';
  let settled: string | undefined;
  for (let length = 1; length <= raw.length; length += 1) {
    const { text, settled: done } = shape('function f() {█\n', raw.slice(0, length), false);
    if (settled !== undefined) expect(text).toBe(settled);
    if (done) settled ??= text;
  }
  expect(settled).toBe('\n  const a = 1;\n  return a;\n}');
});
