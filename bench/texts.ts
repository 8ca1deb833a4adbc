/** What is typed and answered while measuring: the same in every run. */

/** Source-like text of at least this many UTF-16 code units, in lines of some 40. */
export function sourceText(units: number): string {
  const lines: string[] = [];
  let length = 0;
  for (let number = 0; length < units; number += 1) {
    const line = number % 8 === 0 ? `function handler${number}(request, response) {` : lineOf(number);
    lines.push(line);
    length += line.length + 1;
  }
  return `${lines.join('\n')}\n`;
}

const verbs = ['read', 'write', 'parse', 'merge', 'count', 'split', 'order'] as const;

function lineOf(number: number): string {
  if (number % 8 === 7) return '}';
  const verb = verbs[number % verbs.length] ?? 'read';
  return `  const value${number} = ${verb}(request.part${number % 5}, ${number});`;
}

/** One line in 17 parts, as a model writes it. */
export const oneLineAnswer: readonly string[] = [
  ...['compute', '(', 'alpha', ', ', 'beta', ', ', 'gamma', ')', '.map'],
  ...['(', 'each', ' => ', 'each', '.', 'size', ')', ';'],
];

/** 119 parts on 17 lines; the first line ends with the second part. */
export const longAnswer: readonly string[] = Array.from({ length: 119 }, (_, index) =>
  index % 7 === 1 ? `next${index});\n` : `part${index} `,
);

/** The line that is begun for the `number`th completion, so that no earlier suggestion agrees with it. */
export const beginningOfLine = (number: number): string => `  const result${number} = `;

/** The same numbers from 0 to 1 for the same seed (mulberry32, by Tommy Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
