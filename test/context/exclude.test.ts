import { describe, expect, test } from 'vitest';
import { createExclusion } from '../../src/context/exclude.ts';
import type { Log } from '../../src/domain/ports.ts';
import type { LocalFiles } from '../../src/util/local-files.ts';

const log: Log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

interface World {
  readonly roots?: readonly string[];
  /** Paths and texts; what is not here is not there. */
  readonly disk?: Record<string, string>;
  /** Where paths really lead. */
  readonly links?: Record<string, string>;
  readonly exclude?: readonly string[];
  /** What the projects of roots exclude. */
  readonly projects?: Record<string, readonly string[]>;
}

function world({ roots = ['/w'], disk = {}, links = {}, projects = {} }: World) {
  const projectPatterns = (root: string) => projects[root] ?? [];
  const files: LocalFiles = {
    realPath: (path) => links[path] ?? (path in disk ? path : undefined),
    readText: (path, maxBytes) => ((disk[path]?.length ?? 0) <= maxBytes ? disk[path] : undefined),
  };
  return createExclusion({ projectPatterns, roots: { roots, onChange: () => () => undefined }, files, log });
}

function reason(uri: string, options: World = {}): string | undefined {
  return world(options).reasonFor(uri, options.exclude ?? []);
}

describe('by default', () => {
  test.each([
    'file:///w/.env',
    'file:///w/.env.local',
    'file:///w/deep/below/.envrc',
    'file:///w/prod.env',
    'file:///w/.ENV',
    'file:///w/%2eenv',
    'file:///w/src/%2e%2e/.env',
    'file:///elsewhere/.env',
    'file:///c%3A/w/.env',
    'file://server/share/.env',
    'file:///w/server.pem',
    'file:///w/tls.KEY',
    'file:///w/a.p12',
    'file:///home/me/.ssh/config',
    'file:///home/me/.aws/credentials',
    'file:///home/me/.docker/config.json',
    'file:///home/me/.kube/config',
    'file:///home/me/.config/gh/hosts.yml',
    'file:///home/me/id_ed25519',
    'file:///home/me/.netrc',
    'file:///w/.npmrc',
    'file:///w/.git/config',
    'file:///w/infra/prod.tfvars',
    'file:///w/terraform.tfstate.backup',
    'file:///w/config/secrets.yml',
    'file:///w/config/secrets.yaml',
    'untitled:/w/.env',
    'vscode-notebook-cell:/w/.env.ipynb#W0',
    'oil:///w/.env',
  ])('%s is excluded', (uri) => {
    expect(reason(uri)).toMatch(/^excluded by the default exclusion \(.+\)$/);
  });

  test.each([
    'file:///w/src/a.ts',
    'file:///w/src/credentials/resolve.ts',
    'file:///w/src/secrets.ts',
    'file:///w/environment.ts',
    'file:///w/keyboard.ts',
    'file:///w/kubeconfig.go',
    'file:///w/.github/workflows/ci.yml',
    'untitled:Untitled-1',
    'vscode-notebook-cell:/w/n.ipynb#W0',
    'something-new:/w/a.ts',
  ])('%s is not', (uri) => {
    expect(reason(uri)).toBeUndefined();
  });

  test.each(['git:/w/a.ts', 'output:extension-output-1', 'gitlens:/w/a.ts', 'fugitive:///w/.git//0/a.ts'])(
    '%s is never sent',
    (uri) => {
      expect(reason(uri)).toMatch(/^documents of the kind ".+:" are not sent$/);
    },
  );

  test.each(['file:///w/a%2F..%2F.env', 'file:///w/.env%00.ts'])('%s is not interpreted', (uri) => {
    expect(reason(uri)).toBe('the address of the document is not safe to interpret');
  });

  test('a path too deep for patterns is excluded', () => {
    expect(reason(`file:///w/${'a/'.repeat(100)}b.ts`)).toContain('deeper');
  });
});

describe('privacy.exclude', () => {
  test.each([
    ['a folder', 'file:///w/internal/a.ts', ['internal/'], 'excluded by privacy.exclude (internal/)'],
    ['from the root', 'file:///w/src/a.ts', ['/src/*.ts'], 'excluded by privacy.exclude (/src/*.ts)'],
    ['not from the root', 'file:///w/b/src/a.ts', ['/src/*.ts'], undefined],
    [
      'an absolute path',
      'file:///home/me/code/a.ts',
      ['/home/me/code/'],
      'excluded by privacy.exclude (/home/me/code/)',
    ],
    ['an exception within the list', 'file:///w/a.gen.ts', ['*.ts', '!*.gen.ts'], undefined],
    ['any case', 'file:///w/Internal/a.ts', ['internal/'], 'excluded by privacy.exclude (internal/)'],
    ['a broken pattern', 'file:///w/a.ts', ['[', '\\', '!', '(((', '*.ts'], 'excluded by privacy.exclude (*.ts)'],
  ])('%s', (_name, uri, exclude, expected) => {
    expect(reason(uri, { exclude })).toBe(expected);
  });

  test.each([[['!.env']], [['*', '!.env']], [['!**']], [['!.env*', '!**/.env']]])(
    '%j cannot allow a default',
    (exclude) => {
      expect(reason('file:///w/.env', { exclude })).toBeDefined();
    },
  );

  test('a change of the list counts from the next question on', () => {
    const exclusion = world({});
    expect(exclusion.reasonFor('file:///w/a.ts', [])).toBeUndefined();
    expect(exclusion.reasonFor('file:///w/a.ts', ['a.ts'])).toBeDefined();
    expect(exclusion.reasonFor('file:///w/a.ts', [])).toBeUndefined();
  });
});

describe('rule files of other tools', () => {
  const names = [
    '.aiexclude',
    '.aiignore',
    '.cursorignore',
    '.codeiumignore',
    '.copilotignore',
    '.geminiignore',
    '.clineignore',
  ];
  test.each(names)('%s holds', (name) => {
    const disk = { [`/w/${name}`]: '# keep out\r\nsecret-sauce/\r\n' };
    expect(reason('file:///w/secret-sauce/a.ts', { disk })).toBe(`excluded by ${name} (secret-sauce/)`);
    expect(reason('file:///w/a.ts', { disk })).toBeUndefined();
  });

  test('an exception in one lifts nothing in another', () => {
    const disk = { '/w/.cursorignore': 'a.ts', '/w/.aiignore': '!a.ts', '/w/.geminiignore': 'b.ts\n!b.ts' };
    expect(reason('file:///w/a.ts', { disk })).toBeDefined();
    expect(reason('file:///w/b.ts', { disk })).toBeUndefined();
  });

  test('an empty .aiexclude excludes everything, and it knows no exceptions', () => {
    expect(reason('file:///w/a.ts', { disk: { '/w/.aiexclude': '\n' } })).toBeDefined();
    expect(reason('file:///w/a.ts', { disk: { '/w/.aiexclude': '*.ts\n!a.ts' } })).toBeDefined();
    expect(reason('file:///w/a.ts', { disk: { '/w/.cursorignore': '' } })).toBeUndefined();
  });

  test('one in a folder holds below that folder, in its own terms', () => {
    const disk = { '/w/packages/b/.cursorignore': '/src/\n', '/w/.cursorignore': '!packages/b/src/a.ts' };
    expect(reason('file:///w/packages/b/src/a.ts', { disk })).toBe('excluded by .cursorignore (/src/)');
    expect(reason('file:///w/packages/b/test/a.ts', { disk })).toBeUndefined();
    expect(reason('file:///w/src/a.ts', { disk })).toBeUndefined();
    expect(reason('file:///w/packages/b/src/a.ts', { disk, roots: ['/w/packages/b/src'] })).toBeUndefined();
  });

  test('every root that holds the document counts', () => {
    const disk = { '/w/.cursorignore': 'packages/b/a.ts' };
    expect(reason('file:///w/packages/b/a.ts', { roots: ['/w', '/w/packages/b'], disk })).toBeDefined();
  });

  test('one that cannot be read as rules excludes its whole folder: it must not be taken for none', () => {
    const all = 'excluded by .cursorignore (**)';
    const big = { '/w/.cursorignore': `b.ts\n${'#'.repeat(70_000)}` };
    expect(reason('file:///w/a.ts', { disk: big })).toBe(all);
    const long = { '/w/.cursorignore': 'b.ts\n'.repeat(1_001) };
    expect(reason('file:///w/a.ts', { disk: long })).toBe(all);
    const outside = { disk: { '/etc/rules': 'b.ts' }, links: { '/w/.cursorignore': '/etc/rules' } };
    expect(reason('file:///w/a.ts', outside)).toBe(all);
    const elsewhere = { '/w/.cursorignore': 'b.ts\n'.repeat(999) };
    expect(reason('file:///w/a.ts', { disk: elsewhere })).toBe(undefined);
  });

  test('one that was saved is read again', () => {
    const disk: Record<string, string> = { '/w/.cursorignore': '' };
    const exclusion = world({ disk });
    expect(exclusion.reasonFor('file:///w/a.ts', [])).toBeUndefined();
    disk['/w/.cursorignore'] = 'a.ts';
    exclusion.forget('file:///w/.cursorignore');
    expect(exclusion.reasonFor('file:///w/a.ts', [])).toBeDefined();
  });

  test('costly patterns end soon and exclude more, not less', () => {
    const disk = { '/w/.cursorignore': `${'**/a/'.repeat(12)}x\n${'*a'.repeat(300)}` };
    expect(reason(`file:///w/${'a/'.repeat(60)}y`, { disk })).toBe('excluded by .cursorignore (**/a/**/a/**)');
    expect(reason(`file:///w/${'a'.repeat(255)}b`, { disk })).toBeUndefined();
  });
});

describe('projects', () => {
  const projects: Record<string, readonly string[]> = { '/w': ['/secret/', '*.sql'], '/w/inner': ['own.ts'] };
  const roots = ['/w', '/w/inner', '/other'];

  test.each([
    ['file:///w/secret/a.ts', 'excluded by the project file (/secret/)'],
    ['file:///w/deep/dump.sql', 'excluded by the project file (*.sql)'],
    ['file:///w/deep/secret/a.ts', undefined],
    ['file:///w/inner/own.ts', 'excluded by the project file (own.ts)'],
    ['file:///w/inner/dump.sql', 'excluded by the project file (*.sql)'],
    ['file:///w/own.ts', undefined],
    ['file:///other/dump.sql', undefined],
  ])('exclude below their root alone: %s', (uri, expected) => {
    expect(reason(uri, { roots, projects })).toBe(expected);
  });

  test('are asked again once they have changed, also through a link', () => {
    const now: Record<string, readonly string[]> = {};
    const exclusion = world({ projects: now, links: { '/link/a.sql': '/w/a.sql' } });
    expect(exclusion.reasonFor('file:///link/a.sql', [])).toBeUndefined();
    now['/w'] = ['*.sql'];
    exclusion.reset();
    expect(exclusion.reasonFor('file:///link/a.sql', [])).toBe('excluded by the project file (*.sql)');
  });

  test('lift nothing that another rule excludes', () => {
    expect(reason('file:///w/.env', { projects: { '/w': ['!.env'] } })).toContain('default exclusion');
    expect(reason('file:///w/a.ts', { projects: { '/w': ['!a.ts'] }, exclude: ['a.ts'] })).toContain('privacy.exclude');
  });
});

describe('links', () => {
  test('a harmless name that leads to a secret is excluded', () => {
    expect(reason('file:///w/notes.txt', { links: { '/w/notes.txt': '/home/me/.ssh/id' } })).toContain('.ssh/');
  });

  test('rules of the root hold for documents opened through a link to it', () => {
    const disk = { '/w/.cursorignore': 'a.ts' };
    expect(reason('file:///link/a.ts', { disk, links: { '/link/a.ts': '/w/a.ts' } })).toContain('.cursorignore');
  });

  test('a document opened again is looked at again', () => {
    const links: Record<string, string> = {};
    const exclusion = world({ links });
    expect(exclusion.reasonFor('file:///w/notes.txt', [])).toBeUndefined();
    links['/w/notes.txt'] = '/w/.env';
    exclusion.forget('file:///w/notes.txt');
    expect(exclusion.reasonFor('file:///w/notes.txt', [])).toBeDefined();
  });
});
