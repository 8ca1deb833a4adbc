import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytecodeFileName, decodeBytecode, encodeBytecode } from '../../src/launch/bytecode-file.ts';

test('every chunk comes back as it was, at a place V8 need not copy from', () => {
  const chunks = fc.uniqueArray(fc.tuple(fc.string(), fc.uint8Array({ maxLength: 64 })), {
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(chunks, (all) => {
      const file = encodeBytecode(new Map(all.map(([name, bytes]) => [name, Buffer.from(bytes)])));
      const bytecodeOf = decodeBytecode(file);
      for (const [name, bytes] of all) {
        const found = bytecodeOf(name);
        expect(found).toEqual(Buffer.from(bytes));
        expect(((found?.byteOffset ?? 0) - file.byteOffset) % 8).toBe(0);
      }
    }),
    { seed: 8 },
  );
});

test('a chunk that was not recorded has none', () => {
  expect(decodeBytecode(encodeBytecode(new Map()))('main.cjs')).toBeUndefined();
});

test('what is no such file throws', () => {
  expect(() => decodeBytecode(Buffer.from('half'))).toThrow();
  expect(() => decodeBytecode(Buffer.alloc(0))).toThrow();
});

test('the name says which build, which Node and which processor it is for', () => {
  expect(bytecodeFileName('abc')).toBe(`bytecode-abc-${process.version}-${process.arch}.bin`);
});
