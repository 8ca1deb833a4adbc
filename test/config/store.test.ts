/** The settings store from outside: layers in, settings, changes and issues out. */
import { describe, expect, test } from 'vitest';
import { createSettingsStore, type SettingsStore } from '../../src/config/store.ts';
import { builtInProviderIds } from '../../src/config/vendors.ts';

const compatible = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:8000/v1/', model: 'qwen' };

describe('layers', () => {
  test('nothing said: the offline engine completes code', () => {
    const settings = createSettingsStore().settings();
    expect(settings.provider).toBe('workspace');
    expect(settings.completion.debounce).toEqual({ min: 0, max: 400 });
    expect(Object.keys(settings.providers).sort()).toEqual([...builtInProviderIds].sort());
    expect(settings.providers['openai']).toEqual({
      id: 'openai',
      kind: 'openai',
      model: 'gpt-6-luna',
      baseUrl: 'https://api.openai.com/v1',
    });
    expect(settings.providers['toString']).toBeUndefined();
  });

  test('a later layer wins setting by setting, in whatever order they come', () => {
    const store = createSettingsStore();
    store.setLayer('session', { provider: 'openai' });
    store.setLayer('client', { provider: 'workspace', completion: { maxLines: 3 } });
    store.setLayer('initializationOptions', { completion: { maxLines: 2, maxTokens: 20 } });
    store.setLayer('user', { completion: { maxLines: 1, maxTokens: 10, candidates: 2 } });
    const { provider, completion } = store.settings();
    expect(provider).toBe('openai');
    expect([completion.maxLines, completion.maxTokens, completion.candidates]).toEqual([3, 20, 2]);
    expect(
      ['provider', 'completion.maxLines', 'completion.maxTokens', 'completion.candidates', 'chat.timeout', 'x'].map(
        (path) => store.originOf(path),
      ),
    ).toEqual(['session', 'client', 'initializationOptions', 'user', 'default', undefined]);
  });

  describe('what was chosen by command', () => {
    const everything = { provider: 'mistral', completion: { provider: null }, chat: { provider: null } };
    const chosen = (session: object) => {
      const store = createSettingsStore();
      store.setLayer('client', { provider: 'openai', chat: { provider: 'grok' } });
      store.setLayer('session', session);
      return store;
    };
    const inForce = (store: SettingsStore) => {
      const { provider, completion, chat } = store.settings();
      return [provider, completion.provider, chat.provider];
    };

    test('holds while the settings change elsewhere, or say the same again', () => {
      const store = chosen(everything);
      store.setLayer('client', { provider: 'openai', chat: { provider: 'grok', maxTokens: 9 } });
      store.setLayer('user', { provider: 'gemini' });
      expect(inForce(store)).toEqual(['mistral', null, null]);
    });

    test('gives way, as a whole, where the settings name another provider afterwards', () => {
      const store = chosen(everything);
      const { changes } = store.setLayer('client', { provider: 'gemini', chat: { provider: 'grok' } });
      expect(inForce(store)).toEqual(['gemini', null, 'grok']);
      expect(changes).toEqual([
        { path: 'chat.provider', layer: 'client', before: null, after: 'grok' },
        { path: 'provider', layer: 'client', before: 'mistral', after: 'gemini' },
      ]);
      expect(store.layer('session')).toEqual({});
    });

    test('gives way where it was for one feature, and the settings change that', () => {
      const store = chosen({ completion: { provider: 'mistral' }, chat: { provider: 'anthropic' } });
      store.setLayer('client', { provider: 'gemini', chat: { provider: 'grok' }, completion: { provider: 'ollama' } });
      expect(inForce(store)).toEqual(['gemini', 'ollama', 'anthropic']);
      store.setLayer('client', { provider: 'gemini' });
      expect(inForce(store)).toEqual(['gemini', null, null]);
    });

    test('gives way to another profile', () => {
      const store = chosen({ provider: 'mistral' });
      store.setLayer('client', {});
      store.setLayer('session', { provider: 'mistral' });
      store.setLayer('user', { profiles: { home: { provider: 'ollama' } }, profile: 'home' });
      expect(inForce(store)[0]).toBe('ollama');
    });

    test('holds when a layer is only heard of later', () => {
      const store = createSettingsStore();
      store.setLayer('session', everything);
      store.learnLayer('client', { provider: 'openai' });
      expect(inForce(store)).toEqual(['mistral', null, null]);
      store.setLayer('client', { provider: 'gemini' });
      expect(inForce(store)).toEqual(['gemini', null, null]);
    });
  });

  test('exclusions of all layers count', () => {
    const store = createSettingsStore();
    store.setLayer('user', { privacy: { exclude: ['a', 'b'] }, completion: { languages: { exclude: ['sql'] } } });
    store.setLayer('client', { privacy: { exclude: ['b', 'c'] }, completion: { languages: { exclude: [] } } });
    expect(store.settings().privacy.exclude).toEqual(['a', 'b', 'c']);
    expect(store.settings().completion.languages.exclude).toEqual(['sql']);
    expect(store.effective().get('privacy.exclude')?.layers).toEqual(['user', 'client']);
  });

  test('what is pushed is the whole of its layer', () => {
    const store = createSettingsStore();
    store.setLayer('client', { completion: { maxLines: 3 }, chat: { timeout: 5000 } });
    const { changes } = store.setLayer('client', { completion: { maxLines: 3 } });
    expect(changes).toEqual([{ path: 'chat.timeout', layer: 'default', before: 5000, after: 120_000 }]);
  });

  test.each([
    ['bare', { completion: { maxLines: 3 } }],
    ['in its section', { inkling: { completion: { maxLines: 3 } } }],
    ['among the settings of others', { inkling: { completion: { maxLines: 3 } }, gopls: { gofumpt: true } }],
    ['with an empty table that came as a list', { completion: { maxLines: 3 }, chat: [], providers: [] }],
    ['with an empty list that came as a table', { completion: { maxLines: 3, languages: { exclude: {} } } }],
    ['with settings that are unset', { completion: { maxLines: 3, enabled: null, languages: null }, chat: null }],
    ['with settings that are empty text', { completion: { maxLines: 3, provider: '' }, network: { proxy: '' } }],
    ['with a schema for the editor', { $schema: './config.schema.json', completion: { maxLines: 3 } }],
  ])('a payload is understood %s', (_, payload) => {
    const { settings, issues } = createSettingsStore().setLayer('client', payload);
    const expected = createSettingsStore().settings();
    expect(issues).toEqual([]);
    expect(settings).toEqual({ ...expected, completion: { ...expected.completion, maxLines: 3 } });
  });

  test.each([
    ['null', null],
    ['nothing', undefined],
    ['an empty section', { inkling: null }],
    ['an empty list', []],
    ['settings of other servers alone', { gopls: { gofumpt: true }, pyright: {} }],
  ])('%s says nothing', (_, payload) => {
    const change = createSettingsStore().setLayer('client', payload);
    expect(change).toEqual({ settings: createSettingsStore().settings(), changes: [], issues: [] });
  });

  test('what a layer says can be read back', () => {
    const store = createSettingsStore();
    store.setLayer('session', { provider: 'openai', chat: { provider: 'openai', timeout: 'x' } });
    expect(store.layer('session')).toEqual({ provider: 'openai', chat: { provider: 'openai' } });
    expect(store.layer('client')).toEqual({});
  });
});

describe('what is wrong', () => {
  test.each([
    '*.sql',
    '/src/*.ts',
    '/home/me/',
    'a b',
    '**/x/**',
    '[!a]*',
    '\\!x',
    '(group)/',
    '..a',
    'a:b',
    '{x}',
    '😀/',
  ])('the pattern %j may exclude files', (pattern) => {
    const { settings, issues } = createSettingsStore().setLayer('user', { privacy: { exclude: [pattern] } });
    expect({ exclude: settings.privacy.exclude, issues }).toEqual({ exclude: [pattern], issues: [] });
  });

  test.each([
    ...['', ' ', '/', '!x', '#x', '~/x', './x', '..', '../x', 'a/../b', '[', 'a[', 'a][', 'a\\', 'a\\b', 'c:/x'],
    ...['file:///x', 'a\0b', 'a\nb', '*.{ts,js}', '@(a|b)', 7, null, {}, ['a'], 'x'.repeat(1025)],
  ])('the pattern %j is refused, and the others protect what they name', (pattern) => {
    const store = createSettingsStore();
    const { settings, issues } = store.setLayer('user', { privacy: { exclude: ['*.sql', pattern, '*.csv'] } });
    expect(settings.privacy.exclude).toEqual(['*.sql', '*.csv']);
    expect(issues).toMatchObject([{ path: 'privacy.exclude', expected: expect.stringContaining('gitignore') }]);
  });

  test('a pattern that was changed into none holds on, until the list is right again', () => {
    const store = createSettingsStore();
    store.setLayer('user', { privacy: { exclude: ['*.sql', '*.csv'] } });
    expect(store.setLayer('user', { privacy: { exclude: ['[sql', '*.key'] } }).settings.privacy.exclude).toEqual([
      '*.sql',
      '*.csv',
      '*.key',
    ]);
    expect(store.setLayer('user', { privacy: { exclude: ['*.key'] } }).settings.privacy.exclude).toEqual(['*.key']);
  });

  test('one wrong value costs that value; the last good one of its layer stays', () => {
    const store = createSettingsStore();
    store.setLayer('user', { completion: { maxLines: 5 } });
    store.setLayer('client', { completion: { maxLines: 7, maxTokens: 70 } });
    const { settings, issues } = store.setLayer('client', { completion: { maxLines: 'x', maxTokens: 80 } });
    expect([settings.completion.maxLines, settings.completion.maxTokens]).toEqual([7, 80]);
    expect(issues).toHaveLength(1);
    store.setLayer('client', { completion: { maxTokens: 80 } });
    expect(store.settings().completion.maxLines).toBe(5);
  });

  test('a layer that is wrong from the start leaves the one below in force', () => {
    const store = createSettingsStore();
    store.setLayer('user', { completion: { maxLines: 5 } });
    expect(store.setLayer('client', { completion: { maxLines: 0 } }).settings.completion.maxLines).toBe(5);
  });

  test('a group that is no group keeps all it said before', () => {
    const store = createSettingsStore();
    store.setLayer('client', { completion: { maxLines: 7, debounce: { max: 90 } }, chat: { timeout: 2000 } });
    const { settings } = store.setLayer('client', { completion: 'fast' });
    expect([settings.completion.maxLines, settings.completion.debounce.max]).toEqual([7, 90]);
    expect(settings.chat.timeout).toBe(120_000);
    expect(store.setLayer('client', 'nonsense').settings.completion.maxLines).toBe(7);
  });

  test('the same mistake is reported once, and again after it was mended', () => {
    const store = createSettingsStore();
    const wrong = { completion: { maxLines: 0 } };
    expect(store.setLayer('client', wrong).issues).toHaveLength(1);
    expect(store.setLayer('client', wrong).issues).toHaveLength(0);
    expect(store.setLayer('user', { chat: { timeout: 3000 } }).issues).toHaveLength(0);
    expect(store.issues()).toHaveLength(1);
    expect(store.setLayer('client', {}).issues).toHaveLength(0);
    expect(store.issues()).toHaveLength(0);
    expect(store.setLayer('client', wrong).issues).toHaveLength(1);
  });

  test('a layer that could not be read stays as it was', () => {
    const store = createSettingsStore();
    store.setLayer('user', { completion: { maxLines: 5 } });
    const issue = { layer: 'user', path: '', expected: 'JSON', got: 'half of it' } as const;
    const change = store.rejectLayer('user', [issue], { completion: { maxLines: 1 } });
    expect(change.settings.completion.maxLines).toBe(5);
    expect(change.changes).toEqual([]);
    expect(change.issues).toEqual([issue]);
  });
});

describe('providers', () => {
  test('an entry is complete: its id, its kind, its address without a slash at the end', () => {
    const { settings } = createSettingsStore().setLayer('user', { provider: 'mine', providers: { mine: compatible } });
    expect(settings.providers['mine']).toEqual({ ...compatible, id: 'mine', baseUrl: 'http://127.0.0.1:8000/v1' });
  });

  test('a second entry of a vendor starts from what the vendor has', () => {
    const { settings } = createSettingsStore().setLayer('user', {
      providers: { fast: { kind: 'openai', model: 'm' } },
    });
    expect(settings.providers['fast']).toEqual({
      id: 'fast',
      kind: 'openai',
      model: 'm',
      baseUrl: 'https://api.openai.com/v1',
    });
  });

  test('layers add to one entry', () => {
    const store = createSettingsStore();
    store.setLayer('user', { providers: { mine: compatible } });
    store.setLayer('client', { providers: { mine: { model: 'other', capabilities: { fim: true } } } });
    expect(store.settings().providers['mine']).toMatchObject({ model: 'other', capabilities: { fim: true } });
  });

  test('an entry that loses what it needs stays as it was; one that is gone is gone', () => {
    const store = createSettingsStore();
    store.setLayer('user', { provider: 'mine', providers: { mine: compatible } });
    const { baseUrl: _, ...incomplete } = compatible;
    const broken = store.setLayer('user', { provider: 'mine', providers: { mine: incomplete } });
    expect(broken.settings.providers['mine']?.baseUrl).toBe('http://127.0.0.1:8000/v1');
    expect(broken.issues.map(({ path }) => path)).toEqual(['providers.mine.baseUrl']);
    expect(store.setLayer('user', {}).settings.providers['mine']).toBeUndefined();
  });

  test('an unknown provider leaves the last good one of the layer in force', () => {
    const store = createSettingsStore();
    store.setLayer('client', { provider: 'openai', completion: { fallback: ['openai'] } });
    const { settings, issues } = store.setLayer('client', { provider: 'nobody', completion: { fallback: ['nobody'] } });
    expect([settings.provider, settings.completion.fallback]).toEqual(['openai', ['openai']]);
    expect(issues.map(({ path }) => path)).toEqual(['provider', 'completion.fallback']);
  });

  test('a provider that another layer describes later comes into force then', () => {
    const store = createSettingsStore();
    expect(store.setLayer('client', { provider: 'mine' }).settings.provider).toBe('workspace');
    const { settings, changes } = store.setLayer('user', { providers: { mine: compatible } });
    expect(settings.provider).toBe('mine');
    expect(changes).toContainEqual({ path: 'provider', layer: 'client', before: 'workspace', after: 'mine' });
    expect(store.issues()).toEqual([]);
    const gone = store.setLayer('user', {});
    expect(gone.settings.provider).toBe('workspace');
    expect(gone.issues.map(({ layer, path }) => `${layer} ${path}`)).toEqual(['client provider']);
  });

  test("the editor cannot point the user file's key to another address", () => {
    const store = createSettingsStore();
    store.setLayer('user', { providers: { mine: { ...compatible, apiKey: 'k', headers: { authorization: 'k' } } } });
    const { settings, issues } = store.setLayer('client', {
      providers: { mine: { baseUrl: 'https://evil.example/v1' } },
    });
    expect(settings.providers['mine']).toEqual({
      ...compatible,
      id: 'mine',
      baseUrl: 'https://evil.example/v1',
    });
    expect(issues.map(({ layer, path }) => `${layer} ${path}`)).toEqual([
      'client providers.mine.baseUrl',
      'client providers.mine.baseUrl',
    ]);
  });

  test('it can add a path to the address, or bring its own key', () => {
    const store = createSettingsStore();
    store.setLayer('user', { providers: { mine: { ...compatible, apiKey: 'k' } } });
    store.setLayer('client', { providers: { mine: { baseUrl: 'http://127.0.0.1:8000/v2' } } });
    expect(store.settings().providers['mine']?.apiKey).toBe('k');
    store.setLayer('client', { providers: { mine: { baseUrl: 'https://other.example', apiKey: { env: 'OTHER' } } } });
    expect(store.settings().providers['mine']?.apiKey).toEqual({ env: 'OTHER' });
    expect(store.issues()).toEqual([]);
  });

  test.each(['initializationOptions', 'client', 'session'] as const)(
    'the guard holds for %s and built-in ids',
    (layer) => {
      const store = createSettingsStore();
      store.setLayer('user', { providers: { openai: { apiKey: { env: 'OPENAI_API_KEY' } } } });
      store.setLayer(layer, { providers: { openai: { baseUrl: 'https://evil.example' } } });
      expect(store.settings().providers['openai']?.apiKey).toBeUndefined();
    },
  );
});

describe('profiles', () => {
  const user = {
    chat: { timeout: 2000 },
    profile: 'slow',
    profiles: { slow: { chat: { timeout: 9000 } }, fast: { chat: { timeout: 1000 }, provider: 'nobody' } },
  };

  test('the selected one lies directly over the user file', () => {
    const store = createSettingsStore();
    store.setLayer('user', user);
    expect(store.settings().chat.timeout).toBe(9000);
    expect(store.originOf('chat.timeout')).toBe('profile');
    expect(store.profiles()).toEqual(['slow', 'fast']);
    expect(store.issues()).toEqual([]);
    store.setLayer('client', { chat: { timeout: 4000 } });
    expect(store.settings().chat.timeout).toBe(4000);
  });

  test('the command line goes before the setting, the editor before the file', () => {
    const store = createSettingsStore({ profile: 'fast' });
    const { settings, issues } = store.setLayer('user', user);
    expect(settings.chat.timeout).toBe(1000);
    expect(issues.map(({ layer, path }) => `${layer} ${path}`)).toEqual(['profile provider']);
    const other = createSettingsStore();
    other.setLayer('user', user);
    expect(other.setLayer('client', { profile: 'fast' }).settings.chat.timeout).toBe(1000);
  });

  test('one that does not exist is reported with those that do', () => {
    const { settings, issues } = createSettingsStore({ profile: 'none' }).setLayer('user', user);
    expect(settings.chat.timeout).toBe(2000);
    expect(issues[0]?.expected).toContain('"slow", "fast"');
  });

  test('one that is named where there is none at all is reported, and once', () => {
    const store = createSettingsStore({ profile: 'none' });
    expect(store.setLayer('user', undefined).issues.map(({ path }) => path)).toEqual(['profile']);
    expect(store.setLayer('client', { chat: { timeout: 4000 } }).issues).toEqual([]);
  });
});

describe('what others get', () => {
  test('settings are frozen to the bottom and share nothing with the payload', () => {
    const store = createSettingsStore();
    const payload = { providers: { mine: { ...compatible, requestOptions: { deep: { list: [1] } } } } };
    const { settings } = store.setLayer('user', payload);
    payload.providers.mine.requestOptions.deep.list.push(2);
    expect(settings.providers['mine']?.requestOptions).toEqual({ deep: { list: [1] } });
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(settings);
    expect(Object.isFrozen(payload.providers.mine.requestOptions.deep)).toBe(false);
  });

  test('changes show secrets as fingerprints that differ', () => {
    const store = createSettingsStore();
    const withSecrets = (secret: string) => ({
      network: { proxy: `http://user:${secret}@proxy.example:3128` },
      providers: {
        mine: { ...compatible, apiKey: secret, headers: { 'x-key': secret }, requestOptions: { user: secret } },
      },
    });
    store.setLayer('user', withSecrets('secret-one'));
    const { changes } = store.setLayer('user', withSecrets('secret-two'));
    expect(JSON.stringify(changes)).not.toMatch(/secret-/);
    expect(changes.map(({ path }) => path)).toEqual([
      'network.proxy',
      'providers.mine.apiKey',
      'providers.mine.headers',
      'providers.mine.requestOptions',
    ]);
    expect(changes[1]?.before).toMatch(/^\[secret sha256:[0-9a-f]{8}\]$/);
    expect(changes[1]?.before).not.toBe(changes[1]?.after);
  });

  test('5,000 swaps leave each holder the settings it began with', () => {
    const store = createSettingsStore();
    const held = Array.from({ length: 5000 }, (_, index) => {
      const { settings } = store.setLayer('client', { completion: { maxLines: 1 + (index % 200) } });
      return settings;
    });
    expect(held.every(({ completion }, index) => completion.maxLines === 1 + (index % 200))).toBe(true);
    expect(store.issues()).toEqual([]);
  });
});
