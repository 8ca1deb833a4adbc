/** What is shown of text from outside: everything that can be read, nothing that steers a terminal, however it is cut. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clean, createCleaner, createTerminal, printableJson, truncate, wrap } from '../../src/cli/terminal.ts';

const cases: readonly (readonly [string, string, string])[] = [
  ['plain text and its line ends stay', 'a\tb\nµ 👍 “q”\n', 'a\tb\nµ 👍 “q”\n'],
  ['a carriage return cannot overwrite a line', 'good\r\nfine\rbad', 'good\nfinebad'],
  ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
  ['a window title, ended by BEL or by ST', '\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b', 'ab'],
  ['the same in one character each', '\x9b31mred\x9d0;title\x9cend', 'redend'],
  ['device control strings', 'a\x1bPq#0;2\x1b\\b\x90x\x9cc', 'abc'],
  ['a character set', '\x1b(Ba\x1bcb', 'ab'],
  ['single controls', '\x00a\x07b\x08c\x7fd\x85e', 'abcde'],
  ['a sequence without an end hides at most its line', 'a\x1b]0;title\nb\x1b[12\nc', 'a\nb\nc'],
  ['an escape inside a sequence begins a new one', '\x1b[3\x1b[1mx', 'x'],
];

test.each(cases)('%s', (_title, text, shown) => {
  expect(clean(text)).toBe(shown);
});

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\x1b', '[', ']', '\x9b', '\x9d', '\x07', '\x9c', '\\', ';', 'm', 'P', '(', '\n', '\r', '\x00'),
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
  ),
  maxLength: 60,
});

test('no control character but line ends and tabs comes through', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
      expect(clean(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

test('it does not matter where the text is cut', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 6 }), (parts) => {
      const cleaner = createCleaner();
      expect(parts.map(cleaner).join('')).toBe(clean(parts.join('')));
    }),
    { seed: 8, numRuns: 2_000 },
  );
});

test('text without controls comes through unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!/\p{Cc}/u.test(text));
      expect(clean(text)).toBe(text);
    }),
    { seed: 9 },
  );
});

test('JSON stays the same value without a raw control character', () => {
  const value = { text: '\x1b[2J\x9b31m\x7f\u0000ok' };
  const json = printableJson(value);
  expect(JSON.parse(json)).toEqual(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(json).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test('lines break at spaces and are cut with an ellipsis', () => {
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrap('unbreakable', 3)).toEqual(['unbreakable']);
  expect(truncate('\tabcdef', 6)).toBe('  abc…');
  expect(truncate('abc', 3)).toBe('abc');
  expect(truncate('👍👍👍', 2)).toBe('👍…');
});

test('whoever reads slowly is waited for', async () => {
  const { Writable } = await import('node:stream');
  let proceed: () => void = () => undefined;
  const slow = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      proceed = done;
    },
  });
  const output = Object.assign(slow, { isTTY: false as const, columns: 80 });
  const terminal = createTerminal(output, process.stderr);
  let isTaken = false;
  const taken = terminal.stream('text', new AbortController().signal).then(() => {
    isTaken = true;
  });
  await new Promise(setImmediate);
  expect(isTaken).toBe(false);
  proceed();
  await taken;
  expect(isTaken).toBe(true);
});
