/** Which code runs and which files are written to is said in the user file alone: every other layer may come from a workspace. */
import { describe, expect, test } from 'vitest';
import { describeIssue } from '../../src/config/issue.ts';
import { showSettingsText } from '../../src/config/show.ts';
import { createSettingsStore } from '../../src/config/store.ts';

const mine = { kind: 'module', module: '/home/me/provider.mjs' };

test.each(['/home/me/provider.mjs', 'file:///home/me/provider.mjs'])('the user file names %s', (module) => {
  const store = createSettingsStore();
  expect(store.setLayer('user', { providers: { mine: { ...mine, module } } }).issues).toEqual([]);
  expect(store.settings().providers['mine']?.module).toBe(module);
});

test('a profile of the user file may name another', () => {
  const store = createSettingsStore({ profile: 'work' });
  const profiles = { work: { providers: { mine: { module: '/project/provider.mjs' } } } };
  expect(store.setLayer('user', { providers: { mine }, profiles }).issues).toEqual([]);
  expect(store.settings().providers['mine']?.module).toBe('/project/provider.mjs');
});

test.each([
  'provider.mjs',
  './provider.mjs',
  '~/provider.mjs',
  'https://host/p.mjs',
  'file:p.mjs',
  'file://host/p.mjs',
  '',
])('%j is no place of a module', (module) => {
  const { issues, settings } = createSettingsStore().setLayer('user', { providers: { mine: { ...mine, module } } });
  expect(issues[0]).toMatchObject({ path: 'providers.mine.module', expected: expect.stringContaining('absolute') });
  expect(settings.providers['mine']).toBeUndefined();
});

test('an entry of the kind cannot do without it', () => {
  const { issues } = createSettingsStore().setLayer('user', { providers: { mine: { kind: 'module' } } });
  expect(issues.map(describeIssue)).toEqual([
    'providers.mine.module (the user file): expected a value, which every entry of kind "module" needs; got nothing.',
  ]);
});

describe.each(['initializationOptions', 'client', 'session'] as const)('%s', (layer) => {
  test('cannot name a module', () => {
    const store = createSettingsStore();
    const { issues, settings } = store.setLayer(layer, { provider: 'mine', providers: { mine } });
    expect(issues.map(describeIssue)).toEqual([
      expect.stringMatching(
        /^providers\.mine\.module \(.*\): expected nothing here: which code runs is said in the user file alone; got /,
      ),
      expect.stringMatching(/^provider \(.*\): expected the id of a provider /),
    ]);
    expect(settings.providers['mine']).toBeUndefined();
    expect(settings.provider).toBe('workspace');
  });

  test('cannot name another than the user file', () => {
    const store = createSettingsStore();
    store.setLayer('user', { providers: { mine } });
    const { settings } = store.setLayer(layer, { providers: { mine: { module: '/elsewhere.mjs', model: 'm' } } });
    expect(settings.providers['mine']).toMatchObject({ module: mine.module, model: 'm' });
  });

  test.each(['log', 'audit'] as const)('cannot name the file of %s', (section) => {
    const store = createSettingsStore();
    store.setLayer('user', { [section]: { file: '/home/me/own' } });
    const { issues, settings } = store.setLayer(layer, { [section]: { file: '/home/me/.bashrc' } });
    expect(issues).toMatchObject([
      { layer, path: `${section}.file`, expected: expect.stringContaining('in the user file alone') },
    ]);
    expect(settings[section].file).toBe('/home/me/own');
  });

  test.each([
    ['a module', { kind: 'module', module: '/project/observer.mjs', options: { token: 'a secret of mine' } }],
    ['who is told text', { kind: 'openTelemetry', content: true }],
  ])('cannot say in the list of middleware %s', (_, entry) => {
    const store = createSettingsStore();
    store.setLayer('user', {
      middleware: [{ kind: 'log' }, { kind: 'module', module: '/home/me/audit.mjs', content: true }],
    });
    const { issues, settings } = store.setLayer(layer, { middleware: [{ kind: 'log' }, entry] });
    expect(issues).toMatchObject([
      { layer, path: 'middleware', expected: expect.stringContaining('in the user file alone') },
    ]);
    expect(JSON.stringify(issues)).not.toContain('a secret of mine');
    expect(settings.middleware.map(({ kind }) => kind)).toEqual(['log', 'module']);
    expect(store.setLayer(layer, { middleware: [{ kind: 'log' }, entry] }).issues).toEqual([]);
    expect(store.setLayer(layer, { middleware: [{ kind: 'openTelemetry' }] }).settings.middleware).toEqual([
      { kind: 'openTelemetry' },
    ]);
  });
});

test.each([
  [{ kind: 'module' }],
  [{ kind: 'module', module: './audit.mjs' }],
  [{ kind: 'log', content: true }],
  [{ kind: 'other' }],
  [{}],
  ['log'],
])('%j is no middleware', (entry) => {
  const { issues, settings } = createSettingsStore().setLayer('user', { middleware: [entry] });
  expect(issues).toMatchObject([{ path: 'middleware', expected: expect.stringContaining('{"kind": "log"}') }]);
  expect(settings.middleware).toEqual([]);
});

test('the options of a module are shown as fingerprints', () => {
  const store = createSettingsStore();
  const entry = { kind: 'module', module: '/home/me/audit.mjs', options: { token: 'hush', deep: { token: 'hush' } } };
  store.setLayer('user', { middleware: [entry] });
  const shown = showSettingsText(store.effective());
  expect(shown).toContain('"module":"/home/me/audit.mjs","options":{"token":"[secret sha256:');
  expect(shown).not.toContain('hush');
});
