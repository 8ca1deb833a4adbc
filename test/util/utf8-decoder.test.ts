/** Text is the same however its bytes are cut, and the same as the platform's decoder gives. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createUtf8Decoder } from '../../src/util/utf8-decoder.ts';

function decoded(bytes: Uint8Array, sizes: readonly number[]): string {
  const decoder = createUtf8Decoder();
  let text = '';
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const end = start + (sizes[index % sizes.length] ?? 1);
    text += decoder.push(bytes.subarray(start, end));
    start = end;
  }
  return text + decoder.end();
}

const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
const options = { seed: 20_261_120, numRuns: 500 };

test('any text in any pieces', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'é', '中', '\u{1f600}', '\uFEFF', '\n', '\0') });
  fc.assert(
    fc.property(texts, sizes, (text, pieces) => {
      expect(decoded(Buffer.from(text), pieces)).toBe(new TextDecoder().decode(Buffer.from(text)));
    }),
    options,
  );
});

test('any bytes, which are mostly no text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), sizes, (bytes, pieces) => {
      expect(decoded(bytes, pieces)).toBe(new TextDecoder().decode(bytes));
    }),
    options,
  );
});
