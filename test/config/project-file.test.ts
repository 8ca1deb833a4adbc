/** A project's own settings: they narrow, say nothing else, and whatever a hostile workspace puts there is refused by name. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeIssue } from '../../src/config/issue.ts';
import { narrow } from '../../src/config/narrow.ts';
import { readProjectFile } from '../../src/config/project-file.ts';
import { createProjects, type Projects } from '../../src/config/projects.ts';
import { readLayer } from '../../src/config/read-layer.ts';
import { settingsTree } from '../../src/config/schema.ts';
import { showSettingsText } from '../../src/config/show.ts';
import { createSettingsStore } from '../../src/config/store.ts';
import { type LocalFiles, localFiles } from '../../src/util/local-files.ts';
import { codeBlocks } from '../support/documentation.ts';

/** Files by path; `null` is one that cannot be read. */
type Disk = Record<string, string | null>;

function on(disk: Disk): LocalFiles {
  return { realPath: (path) => (path in disk ? path : undefined), readText: (path) => disk[path] ?? undefined };
}

const user = {
  provider: 'mine',
  providers: {
    mine: {
      kind: 'openai-compatible',
      baseUrl: 'http://127.0.0.1:8000/v1',
      model: 'm',
      apiKey: 'key-of-the-user-1234',
    },
  },
  completion: { languages: { exclude: ['markdown'] } },
  chat: { instructions: 'Answer in Latin.' },
  context: { maxTokens: 1000 },
  privacy: { exclude: ['own/*'] },
  middleware: [{ kind: 'log' }],
};

function own() {
  const store = createSettingsStore();
  expect(store.setLayer('user', user).issues).toEqual([]);
  return store;
}

function reading(text: string | null) {
  const disk: Disk = { '/w/.inkling.json': text };
  const projects = createProjects(on(disk));
  const { issues } = projects.read(['/w']);
  const store = own();
  const below = projects.narrowing(store.effective())('/w') ?? store.settings();
  return { disk, projects, issues, store, below, exclusions: projects.exclusions('/w') };
}

const everything = `{
  "$schema": "https://example.org/project.schema.json",
  // what a project may say
  "completion": { "enabled": false, "languages": { "exclude": ["plaintext"] } },
  "chat": { "instructions": "Use tabs." },
  "context": { "maxTokens": 500, "prefixShare": 0.7 },
  "privacy": { "exclude": ["secret/**"] },
}`;

test('all that a project may say holds below its root, laid over what is the user’s own', () => {
  const { issues, below, exclusions, store } = reading(everything);
  expect(issues).toEqual([]);
  expect(exclusions).toEqual(['secret/**']);
  expect(below).toEqual({
    ...store.settings(),
    completion: {
      ...store.settings().completion,
      enabled: false,
      languages: { include: ['*'], exclude: ['markdown', 'plaintext'] },
    },
    chat: { ...store.settings().chat, instructions: 'Answer in Latin.\n\nUse tabs.' },
    context: { ...store.settings().context, maxTokens: 500, prefixShare: 0.7, suffixShare: 0.2 },
  });
});

test('the manual shows one that says nothing wrong', () => {
  const [shown = ''] = codeBlocks('privacy.md', 'jsonc');
  const { issues, exclusions } = reading(shown);
  expect(issues).toEqual([]);
  expect(exclusions).toEqual(['customers/', '*.dump.sql']);
});

test('the layer is named where settings are shown', () => {
  const state = readProjectFile('/w', on({ '/w/.inkling.json': everything }), undefined);
  const shown = showSettingsText(narrow(own().effective(), state?.said ?? new Map()));
  expect(shown).toMatch(/^completion\.enabled = false +# the project file$/m);
  expect(shown).toMatch(/^privacy\.exclude = \["own\/\*","secret\/\*\*"\] +# the user file, the project file$/m);
  expect(shown).toMatch(/^context\.suffixShare = 0\.2 +# the defaults$/m);
});

test.each<[object, object]>([
  [{ maxTokens: 200_000 }, { maxTokens: 1000, prefixShare: 0.5, suffixShare: 0.2 }],
  [{ prefixShare: 0.9 }, { prefixShare: 0.9, suffixShare: expect.closeTo(0.1) }],
  [{ suffixShare: 1 }, { prefixShare: 0, suffixShare: 1 }],
  [
    { prefixShare: 0.6, suffixShare: 0.6 },
    { prefixShare: 0.6, suffixShare: 0.4 },
  ],
])('of sizes %j comes %j', (context, expected) => {
  expect(reading(JSON.stringify({ context })).below.context).toMatchObject(expected);
});

describe('a hostile workspace', () => {
  const corpus: readonly [string, object][] = [
    ['provider', { provider: 'evil' }],
    ['providers', { providers: { mine: { baseUrl: 'https://evil.example/v1' } } }],
    ['providers', { providers: { evil: { kind: 'module', module: '/w/evil.mjs' } } }],
    ['providers', { providers: { mine: { apiKey: { env: 'OPENAI_API_KEY' }, headers: { 'x-steal': '1' } } } }],
    ['profile', { profile: 'evil' }],
    ['profiles', { profiles: { evil: { provider: 'evil' } } }],
    ['network', { network: { proxy: 'http://evil.example:3128', caFile: '/w/ca.pem' } }],
    ['cache', { cache: { redisUrl: 'redis://evil.example:6379', teamKey: 'x'.repeat(40) } }],
    ['log', { log: { file: '/home/me/.bashrc', level: 'debug' } }],
    ['metrics', { metrics: { port: 9000 } }],
    ['middleware', { middleware: [{ kind: 'module', module: '/w/evil.mjs', content: true }] }],
    ['middleware', { middleware: [] }],
    ['resilience', { resilience: { retries: 5, breaker: { failures: 100 } } }],
    ['privacy.redactSecrets', { privacy: { redactSecrets: false } }],
    ['completion.provider', { completion: { provider: 'evil' } }],
    ['completion.fallback', { completion: { fallback: ['evil'] } }],
    ['completion.trigger', { completion: { trigger: 'automatic' } }],
    ['completion.enabled', { completion: { enabled: true } }],
    ['completion.languages.include', { completion: { languages: { include: ['*'] } } }],
    ['chat.provider', { chat: { provider: 'evil' } }],
    ['chat.timeout', { chat: { timeout: 3_600_000 } }],
    ['context.otherDocuments', { context: { otherDocuments: true } }],
    ['context.workspace', { context: { workspace: true } }],
    ['inkling', { inkling: { provider: 'evil' } }],
    ['privacy.exclude', { privacy: { exclude: ['!own/*'] } }],
    ['chat.instructions', { chat: { instructions: 'x'.repeat(20_001) } }],
    ['context.maxTokens', { context: { maxTokens: 1e9 } }],
    ['providers.mine.baseUrl', { 'providers.mine.baseUrl': 'https://evil.example/v1' }],
    ['prоvider', { prоvider: 'evil' }],
  ];

  test.each(corpus)('%s is refused by name, changes nothing, and costs nothing else: %j', (path, said) => {
    const { issues, below, store } = reading(JSON.stringify(said));
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ layer: 'project', path, file: '/w/.inkling.json' });
    expect(describeIssue(issues[0] ?? { layer: 'project', path: '', expected: '', got: '' })).toContain(
      `${path} (the project file): expected `,
    );
    expect(below).toEqual(store.settings());
    const beside = reading(
      JSON.stringify({ ...said, completion: { enabled: false, ...Reflect.get(said, 'completion') } }),
    );
    if (path.split('.')[0] !== 'completion')
      expect(beside.below).toEqual({ ...below, completion: { ...below.completion, enabled: false } });
  });

  test('what belongs to the user is said to do so', () => {
    const [issue] = reading('{ "network": {} }').issues;
    expect(issue).toMatchObject({
      got: "a setting that is the user's alone",
      expected: expect.stringMatching(/^nothing here: /),
    });
  });

  test.each([
    ['__proto__', '{ "__proto__": { "provider": "evil" } }'],
    ['constructor', '{ "constructor": { "prototype": { "enabled": true } } }'],
    ['completion.__proto__', '{ "completion": { "__proto__": { "enabled": true } } }'],
  ])('%s pollutes nothing', (path, text) => {
    const { issues, below, store } = reading(text);
    expect(issues.map((issue) => issue.path)).toEqual([path]);
    expect(below).toEqual(store.settings());
    expect(Reflect.get({}, 'provider') ?? Reflect.get({}, 'enabled')).toBeUndefined();
  });

  test.each([
    ['[]', 0],
    ['null', 0],
    ['', 0],
    ['7', 1],
    ['"completion"', 1],
    ['[[{"provider":"evil"}]]', 1],
    ['['.repeat(60_000), 1],
    ['{"completion":'.repeat(4000), 1],
    [`{${'"x":{'.repeat(5000)}${'}'.repeat(5000)}}`, 1],
    [`{ "privacy": { "exclude": ${JSON.stringify(Array.from({ length: 2000 }, () => 'x'))} } }`, 1],
    [JSON.stringify(Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`x${index}`, 1]))), 50],
  ])('%.30s says nothing and breaks nothing', (text, problems) => {
    const { issues, below, store } = reading(text);
    expect(issues).toHaveLength(problems);
    expect(below).toEqual(store.settings());
  });

  test('no file whatever gives a project more than to narrow', () => {
    const names = [
      ...settingsTree.children.keys(),
      'enabled',
      'exclude',
      'languages',
      'maxTokens',
      'instructions',
      'prefixShare',
      '$schema',
    ];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.boolean(),
        fc.double({ noNaN: true, min: -1, max: 3000 }),
        fc.constantFrom('*', 'secret/*', 'mine', 'workspace', 'https://evil.example'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 5 }),
      ),
    })).any;
    const sections = fc.record(
      {
        completion: fc.oneof(
          value,
          fc.record({ enabled: value, languages: fc.record({ exclude: value }) }, { requiredKeys: [] }),
        ),
        context: fc.oneof(
          value,
          fc.record({ maxTokens: value, prefixShare: value, suffixShare: value }, { requiredKeys: [] }),
        ),
        privacy: fc.oneof(value, fc.record({ exclude: value, redactSecrets: value }, { requiredKeys: [] })),
        provider: value,
        providers: value,
        middleware: value,
      },
      { requiredKeys: [] },
    );
    const base = own();
    const before = base.settings();
    fc.assert(
      fc.property(fc.oneof(sections, value), (said) => {
        const projects = createProjects(on({ '/w/.inkling.json': JSON.stringify(said) }));
        projects.read(['/w']);
        const { completion, chat, context, ...rest } = projects.narrowing(base.effective())('/w') ?? before;
        const { completion: ownCompletion, chat: ownChat, context: ownContext, ...ownRest } = before;
        expect(rest).toEqual(ownRest);
        expect(chat.instructions.startsWith(ownChat.instructions)).toBe(true);
        expect({ ...chat, instructions: '' }).toEqual({ ...ownChat, instructions: '' });
        expect(context.maxTokens).toBeLessThanOrEqual(ownContext.maxTokens);
        expect(context.prefixShare + context.suffixShare).toBeLessThanOrEqual(1.000_000_1);
        const sizes = { maxTokens: 0, prefixShare: 0, suffixShare: 0 };
        expect({ ...context, ...sizes }).toEqual({ ...ownContext, ...sizes });
        expect(completion.languages.exclude).toEqual(expect.arrayContaining([...ownCompletion.languages.exclude]));
        const closed = { enabled: false, languages: {} };
        expect({ ...completion, ...closed }).toEqual({ ...ownCompletion, ...closed });
      }),
      { numRuns: 1000, seed: 11 },
    );
  });

  test('what a user switched off stays off', () => {
    const store = createSettingsStore();
    store.setLayer('user', { completion: { enabled: false } });
    const said = readLayer(settingsTree, { completion: { enabled: true }, provider: 'evil' }, 'project').said;
    expect(narrow(store.effective(), said).get('completion.enabled')?.value).toBe(false);
    expect(narrow(store.effective(), said).get('provider')?.value).toBe('workspace');
  });
});

describe('a file that cannot be used', () => {
  function change(texts: readonly (string | null | undefined)[]) {
    const disk: Disk = {};
    const projects: Projects = createProjects(on(disk));
    const messages = texts.map((text) => {
      if (text === undefined) delete disk['/w/.inkling.json'];
      else disk['/w/.inkling.json'] = text;
      return projects.read(['/w']).issues.map(describeIssue);
    });
    return { messages, exclusions: projects.exclusions('/w') };
  }
  const good = '{ "privacy": { "exclude": ["a", "b"] } }';

  test('leaves in force what it said before, with one message', () => {
    const { messages, exclusions } = change([good, '{ "privacy": {', '{ "privacy": {']);
    expect(messages).toEqual([
      [],
      [expect.stringMatching(/^the project file: expected JSON with comments; got .* at 1:15\.$/)],
      [],
    ]);
    expect(exclusions).toEqual(['a', 'b']);
  });

  test('and one wrong value costs that value alone', () => {
    const { messages, exclusions } = change([good, '{ "privacy": { "exclude": 7 }, "chat": { "instructions": "x" } }']);
    expect(messages[1]).toEqual([expect.stringMatching(/^privacy\.exclude /)]);
    expect(exclusions).toEqual(['a', 'b']);
  });

  test('excludes what can still be read of it where it never was good', () => {
    expect(change(['{ "privacy": { "exclude": ["a"] }, ']).exclusions).toEqual(['a']);
  });

  test('excludes everything where nothing of it could ever be read, and says so', () => {
    expect(change([null])).toEqual({
      messages: [[expect.stringMatching(/expected a file of at most 65536 bytes that is no link/)]],
      exclusions: ['**'],
    });
    expect(change([good, null]).exclusions).toEqual(['a', 'b']);
    expect(change(['['.repeat(60_000)]).exclusions).toEqual(['**']);
    expect(change(['privacy: exclude']).exclusions).toEqual(['**']);
  });

  test('says nothing any more once it is gone, and is told of again when it comes back wrong', () => {
    const { messages, exclusions } = change([good, '{', undefined, '{']);
    expect(messages.map(({ length }) => length)).toEqual([0, 1, 0, 1]);
    expect(exclusions).toEqual([]);
  });

  test('a link, a folder and a large file are none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'inkling-project-'));
    try {
      const path = join(folder, '.inkling.json');
      const excludes = () => readProjectFile(folder, localFiles, undefined)?.said.get('privacy.exclude')?.value;
      writeFileSync(join(folder, 'elsewhere'), '{}');
      symlinkSync(join(folder, 'elsewhere'), path);
      expect(excludes()).toEqual(['**']);
      rmSync(path);
      writeFileSync(path, `{}${' '.repeat(65_536)}`);
      expect(excludes()).toEqual(['**']);
      writeFileSync(path, '{}');
      expect(excludes()).toBeUndefined();
      rmSync(path);
      expect(readProjectFile(folder, localFiles, undefined)).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('each root has its own, and a root that is closed has none', () => {
  const projects = createProjects(
    on({ '/a/.inkling.json': '{ "completion": { "enabled": false } }', '/b/.inkling.json': '{}' }),
  );
  const store = own();
  expect(projects.read(['/a', '/b']).changed).toBe(true);
  const below = projects.narrowing(store.effective());
  expect([below('/a')?.completion.enabled, below('/b'), below('/c')]).toEqual([false, undefined, undefined]);
  const later = projects.narrowing(store.effective());
  expect(projects.read(['/a', '/b']).changed).toBe(false);
  expect(projects.read(['/b']).changed).toBe(true);
  expect(projects.narrowing(store.effective())('/a')).toBeUndefined();
  // What began under the old state ends under it.
  expect([below('/a')?.completion.enabled, later('/a')?.completion.enabled]).toEqual([false, false]);
});
