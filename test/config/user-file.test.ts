/** The user file: where it is looked for, and what becomes of every state a file can be in. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeIssue } from '../../src/config/issue.ts';
import { createSettingsStore } from '../../src/config/store.ts';
import { applyUserFile, readUserFile, type UserFilePlace, userFilePath } from '../../src/config/user-file.ts';
import { nodeUserFileSystem, type UserFileSystem } from '../../src/config/user-file-system.ts';

const linux: UserFilePlace = { environment: {}, platform: 'linux', home: '/home/me', workingDirectory: '/project' };
const { signal } = new AbortController();

function holding(text: string, mode = 0o100600): UserFileSystem {
  return { read: async () => ({ text, mode }) };
}

describe('its place', () => {
  test.each<[string, Partial<UserFilePlace>, string]>([
    ['by default', {}, '/home/me/.config/inkling/config.json'],
    ['by XDG_CONFIG_HOME', { environment: { XDG_CONFIG_HOME: '/etc/me' } }, '/etc/me/inkling/config.json'],
    [
      'a relative XDG_CONFIG_HOME is invalid',
      { environment: { XDG_CONFIG_HOME: 'me' } },
      '/home/me/.config/inkling/config.json',
    ],
    [
      'an empty XDG_CONFIG_HOME is unset',
      { environment: { XDG_CONFIG_HOME: '' } },
      '/home/me/.config/inkling/config.json',
    ],
    ['by --config', { flag: 'mine.json' }, '/project/mine.json'],
    ['on macOS', { platform: 'darwin' }, '/home/me/.config/inkling/config.json'],
    [
      'on Windows',
      { platform: 'win32', home: 'C:\\Users\\me', environment: { APPDATA: 'D:\\Roaming' } },
      'D:\\Roaming\\inkling\\config.json',
    ],
    [
      'on Windows with no APPDATA',
      { platform: 'win32', home: 'C:\\Users\\me' },
      'C:\\Users\\me\\AppData\\Roaming\\inkling\\config.json',
    ],
  ])('%s', (_, change, expected) => {
    expect(userFilePath({ ...linux, ...change })).toBe(expected);
  });
});

describe('its text', () => {
  test('is JSON with comments and commas at the end, with or without a byte order mark', async () => {
    const text = '\uFEFF// mine\r\n{ "provider": "openai", /* all */ "completion": { "maxLines": 3, }, }\r\n';
    const file = await readUserFile(linux, holding(text), signal);
    expect(file).toMatchObject({ state: 'read', issues: [], warnings: [] });
    expect(createSettingsStore().setLayer('user', file.raw).settings).toMatchObject({
      provider: 'openai',
      completion: { maxLines: 3 },
    });
  });

  test.each(['', '  \n', '// nothing yet\n'])('%j says nothing', async (text) => {
    const file = await readUserFile(linux, holding(text), signal);
    expect(file).toMatchObject({ state: 'read', issues: [] });
    expect(createSettingsStore().setLayer('user', file.raw).changes).toEqual([]);
  });

  test.each([
    ['a missing comma', '{\n  "provider": "openai"\n  "chat": {}\n}', 'no comma at 3:3.'],
    ['half a file', '{\n  "provider": "open', 'text without an end at 2:15.'],
    ['no quotes', '{ provider: 1 }', 'what is no JSON (names and text stand in double quotes) at 1:3.'],
    ['no JSON', 'provider = "openai"', 'what is no JSON (names and text stand in double quotes) at 1:1.'],
  ])('%s is reported by line and column', async (_, text, expected) => {
    const { state, issues } = await readUserFile(linux, holding(text), signal);
    expect(state).toBe('unusable');
    expect(issues.map(describeIssue)[0]).toContain(
      `the user file: expected JSON with comments in /home/me/.config/inkling/config.json; got ${expected}`,
    );
  });

  test('__proto__ in it is reported like any other wrong name', async () => {
    const { raw } = await readUserFile(
      linux,
      holding('{ "__proto__": { "provider": "openai" }, "chat": { "timeout": 2000 } }'),
      signal,
    );
    const { settings, issues } = createSettingsStore().setLayer('user', raw);
    expect(issues.map(({ path }) => path)).toEqual(['__proto__']);
    expect([settings.provider, settings.chat.timeout]).toEqual(['workspace', 2000]);
  });

  test('half-written, it leaves in force what it said before', async () => {
    const store = createSettingsStore();
    const text = '{ "provider": "openai", "privacy": { "exclude": ["secret/"] }, "chat": { "timeout": 2000 } }';
    applyUserFile(store, await readUserFile(linux, holding(text), signal));
    const before = store.settings();
    for (let length = 1; length < text.length; length += 1) {
      applyUserFile(store, await readUserFile(linux, holding(text.slice(0, length)), signal));
      expect(store.settings()).toEqual(before);
    }
    const mended = applyUserFile(store, await readUserFile(linux, holding(text), signal));
    expect(mended.changes).toEqual([]);
    expect(store.issues()).toEqual([]);
  });

  test('broken from the start, it still excludes what it can be read to exclude, and nothing else of it counts', async () => {
    const store = createSettingsStore();
    const text = '{ "provider": "openai", "privacy": { "exclude": ["secret/"] } "chat": { "timeout": 2000 } }';
    const { settings, issues } = applyUserFile(store, await readUserFile(linux, holding(text), signal));
    expect(settings.privacy.exclude).toEqual(['secret/']);
    expect([settings.provider, settings.chat.timeout]).toEqual(['workspace', 120_000]);
    expect(issues).toHaveLength(1);
  });

  test('nested as deep as a megabyte allows, it is refused and nothing falls over', async () => {
    const file = await readUserFile(linux, holding('[{"a":'.repeat(100_000)), signal);
    expect(file.state).toBe('unusable');
  });
});

describe('others who can read it', () => {
  const plain = '{ "providers": { "openai": { "apiKey": "sk-1" } } }';
  const reference = '{ "providers": { "openai": { "apiKey": { "env": "KEY" } } } }';
  test.each<[string, string, number, NodeJS.Platform, number]>([
    ['a key that all can read', plain, 0o100644, 'linux', 1],
    ['a key in a profile', `{ "profiles": { "a": ${plain} } }`, 0o100640, 'darwin', 1],
    ['a key for the owner alone', plain, 0o100600, 'linux', 0],
    ['a reference', reference, 0o100644, 'linux', 0],
    ['Windows, where the mode says nothing', plain, 0o100666, 'win32', 0],
  ])('%s', async (_, text, mode, platform, count) => {
    const { warnings } = await readUserFile({ ...linux, platform }, holding(text, mode), signal);
    expect(warnings).toHaveLength(count);
    expect(warnings.join()).not.toContain('sk-1');
  });
});

describe('on disk', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'inkling-config-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const read = (name: string, aborted = signal) =>
    readUserFile({ ...linux, flag: name, workingDirectory: directory }, nodeUserFileSystem, aborted);

  test('a file is read with its mode', async () => {
    await writeFile(
      join(directory, 'a.json'),
      '{ "chat": { "timeout": 2000 }, "providers": { "openai": { "apiKey": "k" } } }',
      { mode: 0o644 },
    );
    const file = await read('a.json');
    expect(file.raw).toMatchObject({ chat: { timeout: 2000 } });
    expect(file.warnings).toHaveLength(1);
  });

  test('one that --config names has to exist', async () => {
    const { state, issues } = await read('absent.json');
    expect(state).toBe('unusable');
    expect(issues.map(describeIssue)).toEqual([
      `the user file: expected a settings file, as --config names one, in ${directory}/absent.json; got no such file.`,
    ]);
  });

  test('the default one need not', async () => {
    const place = { ...linux, environment: { XDG_CONFIG_HOME: directory } };
    expect(await readUserFile(place, nodeUserFileSystem, signal)).toMatchObject({ state: 'absent', issues: [] });
  });

  test.each([
    ['10 MB', 10 * 1024 * 1024],
    ['one byte too many', 1024 * 1024 + 1],
  ])('%s are refused', async (_, size) => {
    await writeFile(join(directory, 'large.json'), ' '.repeat(size));
    const { issues } = await read('large.json');
    expect(issues.map(({ got }) => got)).toEqual(['a larger file']);
  });

  test('1 MB is read', async () => {
    await writeFile(join(directory, 'large.json'), '{"chat":{"timeout":2000}}'.padEnd(1024 * 1024, '\n'));
    expect((await read('large.json')).raw).toMatchObject({ chat: { timeout: 2000 } });
  });

  test('a directory in its place is reported', async () => {
    const { state, issues } = await read('.');
    expect(state).toBe('unusable');
    expect(issues[0]?.got).toContain('EISDIR');
  });

  test('an abort is passed on', async () => {
    await writeFile(join(directory, 'a.json'), '{}');
    await expect(read('a.json', AbortSignal.abort())).rejects.toThrow('aborted');
  });
});
