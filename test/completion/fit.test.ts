import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitToRestOfLine } from '../../src/completion/fit.ts';

test.each([
  ['nothing follows', 'a, b)', '', { insertText: 'a, b)', replaces: 0 }],
  ['what follows is the end of the text', 'a, b)', ')', { insertText: 'a, b', replaces: 0 }],
  ['what follows is the end of the text, and more', 'a, b', ', c)', { insertText: 'a, b', replaces: 0 }],
  [
    'a closed bracket in the middle is overwritten',
    'a) {\n  b();\n}',
    ')',
    { insertText: 'a) {\n  b();\n}', replaces: 1 },
  ],
  [
    'several closers are overwritten together',
    'x) => { y(); });',
    '})',
    { insertText: 'x) => { y(); });', replaces: 2 },
  ],
  ['code that follows is never overwritten', 'a(1);\nb();', ' + rest', { insertText: 'a(1);', replaces: 0 }],
  ['a block before a closed bracket', '\n  b();', '}', { insertText: '\n  b();\n', replaces: 0 }],
  ['a block that closes itself', '\n  b();\n}', '}', { insertText: '\n  b();\n', replaces: 0 }],
  ['a block in a call', '\n  b();\n}', '});', { insertText: '\n  b();\n', replaces: 0 }],
  ['a block before a bracket behind a space', '\n  b();', ' }', { insertText: '\n  b();\n', replaces: 1 }],
])('%s', (_name, text, rest, fitted) => {
  expect(fitToRestOfLine(text, rest)).toEqual(fitted);
});

test('accepting never doubles the end of the line and never loses code', () => {
  const code = fc.stringMatching(/^[a-z(){};, ]{0,20}$/);
  fc.assert(
    fc.property(code, code, (text, rest) => {
      const { insertText, replaces } = fitToRestOfLine(text, rest);
      expect(replaces).toBeLessThanOrEqual(rest.length);
      expect(/[a-z]/.test(rest.slice(0, replaces))).toBe(false);
      expect(text.startsWith(insertText)).toBe(true);
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

test('the closing bracket goes to the depth of the line it belongs to', () => {
  expect(fitToRestOfLine('\n    b();', '}', '  ').insertText).toBe('\n    b();\n  ');
});
