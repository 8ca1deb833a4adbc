/** What is taken off a model's answer, and that it does not matter how the answer was cut into parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CompletionChunk } from '../../../src/domain/completion.ts';
import {
  cleanStream,
  createOutputCleaner,
  type OutputCleanerOptions,
} from '../../../src/providers/prompt/clean-output.ts';

const openingTag = '<COMPLETION>';

function wrapped(linePrefix: string, init: { maxLines?: number; trimEnd?: boolean } = {}): OutputCleanerOptions {
  const { maxLines = 100, trimEnd = true } = init;
  return { closers: ['</COMPLETION>'], maxLines, wrapped: { openingTag, linePrefix, trimEnd } };
}

function clean(options: OutputCleanerOptions, deltas: readonly string[]): string {
  const cleaner = createOutputCleaner(options);
  return deltas.map((delta) => cleaner.push(delta)).join('') + cleaner.end();
}

/** The line before the cursor, what the model said, what remains. */
const cases: readonly (readonly [string, string, string, string])[] = [
  ['the bare text', 'x = ', 'foo(1)', 'foo(1)'],
  ['tags', 'x = ', '<COMPLETION>foo(1)</COMPLETION>', 'foo(1)'],
  ['tags on lines of their own', 'x = ', '<COMPLETION>\nfoo(1)\n</COMPLETION>\n', 'foo(1)'],
  ['talk after the tag', 'x = ', '<COMPLETION>foo(1)</COMPLETION>\nThis calls foo.', 'foo(1)'],
  ['nothing', 'x = ', '<COMPLETION></COMPLETION>', ''],
  ['a fence', 'x = ', '```ts\nfoo(1)\n```', 'foo(1)'],
  ['a fence with nothing in it', 'x = ', '```\n```', ''],
  ['a fence in tags', 'x = ', '<COMPLETION>\n```ts\nfoo(1)\n```\n</COMPLETION>', 'foo(1)'],
  ['tags in a fence', 'x = ', '```\n<COMPLETION>foo(1)</COMPLETION>\n```', 'foo(1)'],
  ['a fence without an end', 'x = ', '```ts\nfoo(1)', 'foo(1)'],
  ['blanks before the tag', 'x = ', '\n\n  <COMPLETION>foo', 'foo'],
  ['the line said once more', '  const x = ', '<COMPLETION>  const x = foo(1)', 'foo(1)'],
  ['the line said once more, not indented', '  const x = ', 'const x = foo(1)', 'foo(1)'],
  ['the beginning of the line and no more', '  const x = ', '<COMPLETION>const', 'const'],
  ['indentation that is there already', '    ', '<COMPLETION>    return 1;\n    }', 'return 1;\n    }'],
  ['a short line that may be meant twice', 'f(', 'f(x)', 'f(x)'],
  ['a line end after something that opens a block', 'if (x) {', '<COMPLETION>\n  y();\n}', '\n  y();\n}'],
  ['backticks that are no fence', 'x = ', '`a`', '`a`'],
  ['a comparison that looks like a tag', 'x = a ', '< b', '< b'],
  ['text that ends like the beginning of the tag', 'x = ', 'a </COMP', 'a </COMP'],
  ['blanks at the end of the line', 'f(', 'a, ', 'a, '],
];

test.each(cases)('%s', (_, linePrefix, answer, expected) => {
  expect(clean(wrapped(linePrefix), [answer])).toBe(expected);
});

test.each(cases)('%s, character by character', (_, linePrefix, answer, expected) => {
  expect(clean(wrapped(linePrefix), [...answer])).toBe(expected);
});

test('property: how the answer is cut does not matter', () => {
  const piece = fc.constantFrom(
    '<COMPLETION>',
    '</COMPLETION>',
    '```',
    '```ts\n',
    '\n',
    '  ',
    'const x = ',
    'a',
    'b;',
    '<',
    '`',
    '</',
  );
  const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 5 }));
  const prefix = fc.constantFrom('', '  ', '  const x = ', 'if (x) {');
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 10 }),
      cuts,
      prefix,
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      (pieces, sizes, linePrefix, trimEnd, maxLines) => {
        const answer = pieces.join('');
        const parts: string[] = [];
        for (let rest = answer; rest !== ''; ) {
          const size = sizes.next().value ?? 1;
          parts.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        const options = wrapped(linePrefix, { maxLines, trimEnd });
        expect(clean(options, parts)).toBe(clean(options, [answer]));
      },
    ),
    { seed: 3, numRuns: 2000 },
  );
});

describe('text of a raw endpoint', () => {
  test('is left as it is but for markers', () => {
    const options = { closers: ['<|endoftext|>', '<|file_sep|>'], maxLines: 100 };
    expect(clean(options, ['\n```\n<COMPLETION> a <|fi', 'x \n<|file', '_sep|>rest'])).toBe(
      '\n```\n<COMPLETION> a <|fix \n',
    );
  });

  test('ends after so many lines', () => {
    expect(clean({ closers: [], maxLines: 2 }, ['\n a\nb\nc'])).toBe('\n a\nb');
    expect(clean({ closers: [], maxLines: 1 }, ['a', '\n', 'b'])).toBe('a');
  });
});

describe('a stream of chunks', () => {
  const finish = { reason: 'length', model: 'm', usage: { inputTokens: 1, outputTokens: 2 } } as const;

  async function run(chunks: readonly CompletionChunk[]) {
    let left = false;
    let pulled = 0;
    const source = async function* () {
      try {
        for (const chunk of chunks) {
          pulled++;
          yield chunk;
        }
      } finally {
        left = pulled < chunks.length;
      }
    };
    const seen: CompletionChunk[] = [];
    const cleaner = createOutputCleaner(wrapped('x = '));
    for await (const chunk of cleanStream(source(), cleaner, { model: 'own' })) seen.push(chunk);
    return { seen, left };
  }

  test('keeps its end, and gives what was held back with it', async () => {
    const { seen } = await run([{ delta: 'a </C' }, { delta: '', finish }]);
    expect(seen).toEqual([{ delta: 'a ' }, { delta: '</C', finish }]);
  });

  test('is left as soon as the closing tag is there', async () => {
    const { seen, left } = await run([{ delta: 'a</COMPLETION>' }, { delta: 'talk' }, { delta: '', finish }]);
    expect(seen).toEqual([{ delta: 'a', finish: { reason: 'stop', model: 'own' } }]);
    expect(left).toBe(true);
  });
});
