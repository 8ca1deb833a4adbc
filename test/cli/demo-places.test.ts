/** Where the demo types: chosen from the text alone, spread over the file, each line once. */
import { expect, test } from 'vitest';
import { spreadLines, typeableLines, usualLines } from '../../src/cli/demo-places.ts';

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

test('each part of the file has its own lines, as many as are asked for', () => {
  const places = usualLines(lines, 3, 2);
  expect(places.map((candidates) => candidates.length)).toEqual([2, 2, 2]);
  const part = (line: number) => Math.floor((line * 3) / lines.length);
  expect(places.map((candidates) => candidates.map(part))).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test('a line that is nothing like the others, or a mere copy, comes last', () => {
  const text = [
    'let lonely = somethingElseEntirely;',
    'const first = readSettings(one);',
    'const second = readSettings(two);',
  ];
  expect(usualLines(text, 1, 3)).toEqual([[1, 2, 0]]);
  const copies = ['return await everything.done();', ...text, 'return await everything.done();'];
  expect(usualLines(copies, 1, 2)).toEqual([[2, 3]]);
});

test('a file with nothing to type has no places', () => {
  expect(usualLines([], 3, 4)).toEqual([]);
  expect(usualLines(['}'], 3, 4)).toEqual([]);
  expect(spreadLines(['}'])).toEqual([]);
});

test('every line comes once, and any beginning of them is spread over the file', () => {
  const order = spreadLines(lines);
  expect([...order].sort((one, other) => one - other)).toEqual(typeableLines(lines));
  const [one = 0, two = 0, three = 0] = order;
  expect(Math.max(one, two, three) - Math.min(one, two, three)).toBeGreaterThan(lines.length / 3);
});
