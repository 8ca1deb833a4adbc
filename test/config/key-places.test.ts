/** Where a key may be said to be, by whom, and how much of it is shown. */
import { describe, expect, test } from 'vitest';
import { describeIssue } from '../../src/config/issue.ts';
import { maskValue } from '../../src/config/mask.ts';
import { createSettingsStore } from '../../src/config/store.ts';

const secret = 'sk-canary-0123456789abcdef';
const entry = (apiKey: unknown) => ({ providers: { openai: { apiKey } } });

describe('a program that prints a key', () => {
  const command = { command: ['op', 'read', secret] };

  test('is taken from the user file and its profiles', () => {
    const store = createSettingsStore({ profile: 'work' });
    store.setLayer('user', { profiles: { work: entry(command) } });
    expect(store.settings().providers['openai']?.apiKey).toEqual(command);
  });

  test.each(['initializationOptions', 'client', 'session'] as const)('is refused from %s, and not shown', (layer) => {
    const store = createSettingsStore();
    const { issues, changes } = store.setLayer(layer, entry(command));
    expect(changes).toEqual([]);
    expect(issues.map(describeIssue).join()).toContain(
      'expected no program here: which code runs is said in the user file',
    );
    expect(JSON.stringify(issues)).not.toContain('canary');
    expect(store.settings().providers['openai']?.apiKey).toBeUndefined();
  });

  test('stays where an editor points its provider to another address', () => {
    const store = createSettingsStore();
    store.setLayer('user', entry(command));
    store.setLayer('client', { providers: { openai: { baseUrl: 'https://evil.example/v1' } } });
    expect(store.settings().providers['openai']).toMatchObject({ baseUrl: 'https://evil.example/v1' });
    expect(store.settings().providers['openai']?.apiKey).toBeUndefined();
  });
});

test.each([[{ stored: 'work' }], [{ stored: 'a-b_c1' }], [{ env: 'NAME' }], [{ command: ['op'] }]])(
  '%j is a place',
  (apiKey) => {
    const store = createSettingsStore();
    expect(store.setLayer('user', entry(apiKey)).issues).toEqual([]);
  },
);

test.each([
  [{ stored: '' }],
  [{ stored: '__proto__' }],
  [{ stored: 'a.b' }],
  [{ stored: '../x' }],
  [{ stored: 'a', env: 'B' }],
  [{ command: [] }],
  [{ command: 'op read' }],
  [{ command: [''] }],
  [{ command: Array.from({ length: 65 }, () => 'x') }],
])('%j is none', (apiKey) => {
  const store = createSettingsStore();
  expect(store.setLayer('user', entry(apiKey)).issues).toHaveLength(1);
});

test.each<[unknown, unknown]>([
  [{ stored: 'work' }, { stored: 'work' }],
  [{ stored: secret }, { stored: expect.stringMatching(/^\[secret/) }],
  [{ command: ['op', 'read'] }, { command: ['op', expect.stringMatching(/^\[secret/)] }],
  [{ command: [secret] }, { command: [expect.stringMatching(/^\[secret/)] }],
])('%j is shown as far as it is no key', (value, shown) => {
  expect(maskValue(value, 'key')).toEqual(shown);
});
