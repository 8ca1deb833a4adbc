import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { createChunkLoader } from '../../src/launch/chunk-loader.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderOf(chunks: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-chunks-'));
  folders.push(folder);
  for (const [name, source] of Object.entries(chunks)) writeFileSync(join(folder, name), source);
  return folder;
}

const none = () => undefined;

test('chunks require each other once, in a circle too, and the modules of Node', () => {
  const directory = folderOf({
    'main.cjs':
      "exports.started = true; exports.other = require('./other.cjs'); exports.again = require('./other.cjs');",
    'other.cjs': "exports.sawStarted = require('./main.cjs').started; exports.join = require('node:path').join;",
  });
  const main = createChunkLoader({ directory, bytecodeOf: none })('main.cjs');
  expect(main).toMatchObject({ started: true, other: { sawStarted: true, join } });
  expect((main as { other: object; again: object }).again).toBe((main as { other: object }).other);
});

test('a chunk knows where it lies, and can replace its exports', () => {
  const directory = folderOf({ 'main.cjs': 'module.exports = [__filename, __dirname];' });
  const loaded = createChunkLoader({ directory, bytecodeOf: none })('main.cjs');
  expect(loaded).toEqual([join(directory, 'main.cjs'), directory]);
});

test('bytecode of an earlier run is taken', () => {
  const directory = folderOf({ 'main.cjs': 'exports.double = (number) => number * 2;' });
  const recorded: Script[] = [];
  createChunkLoader({ directory, bytecodeOf: none, onCompiled: (_, script) => recorded.push(script) })('main.cjs');
  const bytecode = recorded[0]?.createCachedData();
  const taken: Script[] = [];
  const load = createChunkLoader({
    directory,
    bytecodeOf: () => bytecode,
    onCompiled: (_, script) => taken.push(script),
  });
  expect((load('main.cjs') as { double(number: number): number }).double(21)).toBe(42);
  expect(taken[0]?.cachedDataRejected).toBe(false);
});

test('bytecode of another text is left, and the chunk runs all the same', () => {
  const directory = folderOf({ 'main.cjs': 'exports.answer = 42;' });
  const load = createChunkLoader({ directory, bytecodeOf: () => Buffer.from('no bytecode at all') });
  expect(load('main.cjs')).toEqual({ answer: 42 });
});

test('what a chunk throws reaches whoever loads it', () => {
  const directory = folderOf({ 'main.cjs': "throw new Error('broken');" });
  expect(() => createChunkLoader({ directory, bytecodeOf: none })('main.cjs')).toThrow('broken');
  expect(() => createChunkLoader({ directory, bytecodeOf: none })('missing.cjs')).toThrow('ENOENT');
});
