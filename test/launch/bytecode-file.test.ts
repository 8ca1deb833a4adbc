import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { bytecodeFileName, encodeBytecode, openBytecode } from '../../src/launch/bytecode-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'inkling-bytecode-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(bytes: Uint8Array): string {
  const path = join(folder, 'bytecode.bin');
  writeFileSync(path, bytes);
  return path;
}

test('every chunk comes back as it was, at a place V8 need not copy from', () => {
  const chunks = fc.uniqueArray(fc.tuple(fc.string(), fc.uint8Array({ maxLength: 64 })), {
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(chunks, (all) => {
      const bytecodeOf = openBytecode(
        fileOf(encodeBytecode(new Map(all.map(([name, bytes]) => [name, Buffer.from(bytes)])))),
      );
      for (const [name, bytes] of all) {
        const found = bytecodeOf(name);
        expect(found).toEqual(Buffer.from(bytes));
        expect((found?.byteOffset ?? 0) % 8).toBe(0);
      }
    }),
    { seed: 8 },
  );
});

test('a chunk that was not recorded has none', () => {
  expect(openBytecode(fileOf(encodeBytecode(new Map())))('main.cjs')).toBeUndefined();
});

test('what is no such file throws', () => {
  expect(() => openBytecode(fileOf(Buffer.from('half')))).toThrow();
  expect(() => openBytecode(fileOf(Buffer.alloc(0)))).toThrow();
  expect(() => openBytecode(join(folder, 'missing.bin'))).toThrow('ENOENT');
});

test('of a file that was cut off, what is left is given', () => {
  const whole = encodeBytecode(new Map([['main.cjs', Buffer.from('bytecode')]]));
  expect(openBytecode(fileOf(whole.subarray(0, -4)))('main.cjs')).toEqual(Buffer.from('byte'));
});

test('the name says which build, which Node and which processor it is for', () => {
  expect(bytecodeFileName('abc')).toBe(`bytecode-abc-${process.version}-${process.arch}.bin`);
});
