import { expect, test } from 'vitest';
import { placeOf } from '../../src/context/document-place.ts';
import { relativePath } from '../../src/context/relative-path.ts';

test.each([
  ['below the root', 'file:///w/src/a.ts', ['/w'], 'src/a.ts'],
  ['below the nearest root', 'file:///w/packages/b/a.ts', ['/w', '/w/packages/b/'], 'a.ts'],
  ['in no root', 'file:///elsewhere/deep/a.ts', ['/w'], 'a.ts'],
  ['beside a root with the same beginning', 'file:///project/a.ts', ['/pro'], 'a.ts'],
  ['the root of the disk', 'file:///etc/hosts', ['/'], 'etc/hosts'],
  ['escapes', 'file:///w/a%20b/%C3%A9.ts', ['/w'], 'a b/é.ts'],
  ['no valid escape', 'file:///w/100%.ts', ['/w'], '100%.ts'],
  ['dots that are escaped climb out', 'file:///w/a/%2e%2e/%2E%2e/etc/passwd', ['/w'], 'passwd'],
  ['a backslash is a letter where there are no drives', 'file:///w/a%5Cb.ts', ['/w'], 'a\\b.ts'],
  ['a drive, escaped', 'file:///c%3A/Work/src/a.ts', ['C:\\Work'], 'src/a.ts'],
  ['a drive, any case', 'file:///C:/code/src/a.ts', ['c:\\CODE'], 'src/a.ts'],
  ['a drive, backslashes', 'file:///c:\\work\\src\\..\\a.ts', ['c:\\work'], 'a.ts'],
  ['a path that was never made an address', 'C:\\work\\a.ts', ['c:/work'], 'a.ts'],
  ['a network share', 'file://server/share/src/a.ts', ['\\\\server\\share'], 'src/a.ts'],
  ['localhost', 'file://localhost/w/a.ts', ['/w'], 'a.ts'],
  ['untitled', 'untitled:Untitled-1', ['/w'], 'Untitled-1'],
  ['untitled with a place', 'untitled:/w/src/new.ts', ['/w'], 'src/new.ts'],
  ['a notebook cell', 'vscode-notebook-cell:/w/n.ipynb#W0sZmlsZQ%3D%3D', ['/w'], 'n.ipynb'],
  ['a virtual file', 'vscode-vfs://github/owner/repo/src/a.ts?ref=1', ['/w'], 'a.ts'],
  ['an escaped slash gives no name', 'file:///w/a%2F..%2Fb.ts', ['/w'], ''],
  ['nothing', '', ['/w'], ''],
])('%s', (_name, uri, roots, expected) => {
  expect(relativePath(uri, roots)).toBe(expected);
});

test.each([
  ['file:///a/%2e%2e/%2e%2e/etc/passwd', { scheme: 'file', path: '/etc/passwd' }],
  ['file:///a%00.ts', { scheme: 'file' }],
  ['file:///a%2fb', { scheme: 'file' }],
  ['FILE:///a//b/./c', { scheme: 'file', path: '/a/b/c' }],
  ['file:///C%3a/a', { scheme: 'file', path: 'c:/a' }],
  ['file://host/a', { scheme: 'file', path: '//host/a' }],
  ['git:/w/a.ts?%7B%7D', { scheme: 'git', path: '/w/a.ts' }],
])('the place of %s', (uri, expected) => {
  expect(placeOf(uri)).toEqual(expected);
});
