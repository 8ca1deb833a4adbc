import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CrawlOptions, LARGEST_FILE, listFiles, readSource } from '../../../src/providers/workspace/crawler.ts';
import { buildSteps } from '../../../src/providers/workspace/index-build.ts';
import { fileCountOf } from '../../../src/providers/workspace/static-index.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'inkling-crawl-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function listed(options: Partial<CrawlOptions> = {}): string[] {
  return listFiles({ roots: [root], ...options }).map((path) => relative(root, path).split(sep).join('/'));
}

describe('lists', () => {
  test('what ignore files at every level leave', () => {
    write({
      '.gitignore': '*.log\n/build\n!keep.log\n',
      'a.ts': '',
      'a.log': '',
      'keep.log': '',
      'build/out.ts': '',
      'src/build/in.ts': '',
      'src/.gitignore': 'generated.ts\n!b.log\n',
      'src/generated.ts': '',
      'src/b.log': '',
      'src/deep/generated.ts': '',
      'other/generated.ts': '',
      '.inklingignore': 'secretive/\n',
      'secretive/x.ts': '',
    });
    expect(listed().sort()).toEqual(
      [
        '.gitignore',
        '.inklingignore',
        'a.ts',
        'keep.log',
        'other/generated.ts',
        'src/.gitignore',
        'src/b.log',
        'src/build/in.ts',
      ].sort(),
    );
  });

  test('what the ignore files of the repository around a root leave', () => {
    write({
      '.git/HEAD': '',
      '.gitignore': 'packages/app/gone.ts\n',
      'packages/app/a.ts': '',
      'packages/app/gone.ts': '',
    });
    expect(listed({ roots: [join(root, 'packages', 'app')] })).toEqual(['packages/app/a.ts']);
  });

  test('nothing that was excluded, even where an ignore file takes it in again', () => {
    write({ 'src/.gitignore': '!private.ts\n', 'src/private.ts': '', 'src/a.ts': '' });
    expect(listed({ exclude: ['private.ts', '.gitignore'] })).toEqual(['src/a.ts']);
  });

  test('no dependencies, no generated files and nothing that may hold a secret', () => {
    write({
      'node_modules/x/index.js': '',
      '.git/config': '',
      'target/debug/a.rs': '',
      'dist/a.js': '',
      'package-lock.json': '',
      'a.min.js': '',
      '.env': '',
      '.env.local': '',
      'prod.env': '',
      'server.pem': '',
      'server.key': '',
      id_rsa: '',
      'id_ed25519.pub': '',
      '.npmrc': '',
      'credentials.json': '',
      'secrets.yaml': '',
      'keys.ts': '',
      'environment.ts': '',
      'secretary.ts': '',
    });
    expect(listed()).toEqual(['environment.ts', 'keys.ts', 'secretary.ts']);
  });

  test('no link, so that loops end and nothing outside is read', () => {
    const outside = mkdtempSync(join(tmpdir(), 'inkling-outside-'));
    writeFileSync(join(outside, 'stolen.ts'), 'x');
    write({ 'src/a.ts': '' });
    symlinkSync(root, join(root, 'src', 'loop'));
    symlinkSync(outside, join(root, 'src', 'outside'));
    symlinkSync(join(outside, 'stolen.ts'), join(root, 'src', 'link.ts'));
    expect(listed()).toEqual(['src/a.ts']);
    expect(readSource(join(root, 'src', 'link.ts'))).toBe(undefined);
    rmSync(outside, { recursive: true });
  });

  test('the files nearest to an open document first', () => {
    write({ 'a.ts': '', 'x/y/far.ts': '', 'src/deep/b.ts': '', 'src/c.ts': '', 'src/deep/d.ts': '' });
    expect(listed({ near: [join(root, 'src', 'deep', 'b.ts')] })).toEqual([
      'src/deep/b.ts',
      'src/deep/d.ts',
      'src/c.ts',
      'a.ts',
      'x/y/far.ts',
    ]);
  });

  test('a bounded number of entries, each file once', () => {
    write(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}.ts`, ''])));
    expect(listed({ entryBudget: 10 })).toHaveLength(10);
    expect(listed({ roots: [root, root] })).toHaveLength(30);
  });

  test('nothing for a root that does not exist', () => {
    expect(listed({ roots: [join(root, 'none')] })).toEqual([]);
  });
});

describe('reads', () => {
  test.each([
    ['text', 'const μ = 1;\n', 'const μ = 1;\n'],
    ['an empty file', '', ''],
    ['no binary file', Buffer.from([65, 0, 66]), undefined],
    ['no minified file', `a\n${'x'.repeat(5001)}\nb`, undefined],
    ['long files of short lines', `${'x'.repeat(4999)}\n`.repeat(3), `${'x'.repeat(4999)}\n`.repeat(3)],
    ['no huge file', 'x\n'.repeat(LARGEST_FILE / 2 + 1), undefined],
  ])('%s', (_, content, expected) => {
    write({ 'a.txt': content });
    expect(readSource(join(root, 'a.txt'))).toBe(expected);
  });

  test('no more than the byte budget', () => {
    write({ 'a.ts': 'a'.repeat(60), 'b.ts': 'b'.repeat(60), 'c.ts': 'c'.repeat(30) });
    const steps = buildSteps({ roots: [root], byteBudget: 100 });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    expect(step.value.sourceUnits).toBe(90);
    expect(fileCountOf(step.value)).toBe(2);
  });
});
