/** Where the demo types: chosen from the text alone, spread over the file, each line once. */
import { expect, test } from 'vitest';
import { otherLines, typeableLines, usualLines } from '../../src/cli/demo-places.ts';

const handler = (name: string) => [
  `// Answers what is asked of ${name}.`,
  `export function register${name}(session: Session) {`,
  `  session.answer('${name}', () => show${name}());`,
  '}',
  '',
];
const lines = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon', 'Zeta'].flatMap(handler);

test('comments, short lines and lines too long to show are not typed', () => {
  expect(
    typeableLines(['a = 1;', '// a comment of some length', ' * another of these comments', `x = ${'y'.repeat(70)}`]),
  ).toEqual([]);
  expect(typeableLines(lines)).toHaveLength(12);
});

test('one place comes from each part of the file, and they differ', () => {
  const places = usualLines(lines, 3);
  expect(places).toHaveLength(3);
  expect(places.map((line) => Math.floor((line * 3) / lines.length))).toEqual([0, 1, 2]);
  expect(new Set(places.slice(0, 2).map((line) => lines[line]?.trim().split(/\W/, 1)[0])).size).toBe(2);
});

test('a line that is nothing like the others, or a mere copy, is passed over', () => {
  const text = [
    'let lonely = somethingElseEntirely;',
    'const first = readSettings(one);',
    'const second = readSettings(two);',
  ];
  expect(usualLines(text, 1)).toEqual([1]);
  const copies = ['return await everything.done();', ...text, 'return await everything.done();'];
  expect(usualLines(copies, 1)).toEqual([2]);
});

test('a file with nothing to type has no places', () => {
  expect(usualLines([], 3)).toEqual([]);
  expect(usualLines(['}'], 3)).toEqual([]);
});

test('the others come each once, and any beginning of them is spread over the file', () => {
  const used = usualLines(lines, 3);
  const others = otherLines(lines, used);
  expect([...others, ...used].sort((one, other) => one - other)).toEqual(typeableLines(lines));
  const [one = 0, two = 0, three = 0] = others;
  expect(Math.max(one, two, three) - Math.min(one, two, three)).toBeGreaterThan(lines.length / 3);
});
