import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { localFiles } from '../../src/util/local-files.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'inkling-context-')));
afterAll(() => rmSync(folder, { recursive: true }));

test('reads a regular file up to its limit', () => {
  const path = join(folder, 'rules');
  writeFileSync(path, 'é.ts\n');
  expect(localFiles.readText(path, 6)).toBe('é.ts\n');
  expect(localFiles.readText(path, 5)).toBeUndefined();
  expect(localFiles.readText(join(folder, 'absent'), 100)).toBeUndefined();
  expect(localFiles.readText(folder, 1_000_000)).toBeUndefined();
});

test.skipIf(!existsSync('/usr/bin/mkfifo'))('never follows a link and never waits for a pipe', () => {
  writeFileSync(join(folder, 'target'), 'x');
  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  execFileSync('/usr/bin/mkfifo', [join(folder, 'pipe')]);
  expect(localFiles.readText(join(folder, 'link'), 100)).toBeUndefined();
  expect(localFiles.readText(join(folder, 'pipe'), 100)).toBeUndefined();
  expect(localFiles.realPath(join(folder, 'link'))).toBe(join(folder, 'target'));
});

test('nothing is asked about what is not there or on another machine', () => {
  expect(localFiles.realPath(join(folder, 'absent'))).toBeUndefined();
  expect(localFiles.realPath(`/${folder}`)).toBeUndefined();
  expect(localFiles.realPath('\\\\server\\share\\a')).toBeUndefined();
});
