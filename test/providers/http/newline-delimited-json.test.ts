/** Lines of JSON come out whole and in order however the bytes are cut, and nothing of them is unbounded. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import { readJsonLines } from '../../../src/providers/http/newline-delimited-json.ts';

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (let index = 0; start < bytes.length; index++) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function read(text: string, sizes: readonly number[] = [text.length + 1]): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of readJsonLines(inPieces(Buffer.from(text), sizes), 'p')) values.push(value);
  return values;
}

test('values are the same however the bytes are cut', async () => {
  const values = fc.array(fc.record({ response: fc.string({ unit: 'grapheme' }), done: fc.boolean() }));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(values, sizes, fc.constantFrom('\n', '\r\n', '\n\n'), async (all, pieces, lineEnd) => {
      expect(await read(all.map((value) => JSON.stringify(value) + lineEnd).join(''), pieces)).toEqual(all);
    }),
    { seed: 1 },
  );
});

describe('the last line', () => {
  test('counts without its line end when it is whole', async () => {
    expect(await read('{"a":1}\n{"b":2}')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('is dropped when it was cut off', async () => {
    expect(await read('{"a":1}\n{"b":')).toEqual([{ a: 1 }]);
  });
});

test.each([
  ['a line that is no JSON', '{"a":1}\nnonsense\n', /no JSON/],
  ['a line without end', `"${'x'.repeat(1024 * 1024)}`, /1024 KB/],
  ['too many lines', '0\n'.repeat(200_001), /200000 lines/],
])('%s is an error', async (_, text, message) => {
  const error = await read(text, [64 * 1024]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AiError);
  expect(error).toMatchObject({ kind: 'server', message: expect.stringMatching(message) });
});

test('nothing is read before it is asked for', async () => {
  let pulled = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      pulled++;
      yield Buffer.from('1\n2\n');
    }
  }
  const values = readJsonLines(chunks(), 'p');
  await values.next();
  await values.next();
  expect(pulled).toBe(1);
  await values.return();
});
