/** `inkling config show`: every value in force, where it comes from, and no secret. */
import { expect, test } from 'vitest';
import { showSettingsJson, showSettingsText } from '../../src/config/show.ts';
import { createSettingsStore } from '../../src/config/store.ts';

function configured() {
  const store = createSettingsStore();
  store.setLayer('user', {
    provider: 'mine',
    privacy: { exclude: ['*.sql'] },
    network: { proxy: 'http://me:hush-hush@proxy.example:3128' },
    profile: 'slow',
    profiles: { slow: { chat: { timeout: 9000 } } },
    providers: {
      mine: { kind: 'openai-compatible', baseUrl: 'https://vllm.example/v1', model: 'm', apiKey: 'hush-hush' },
      openai: { apiKey: { env: 'MY_KEY' }, headers: { 'x-team': 'hush-hush' } },
    },
  });
  store.setLayer('client', { privacy: { exclude: ['*.csv'] }, completion: { maxLines: 3 } });
  return store.effective();
}

test('as text, one line for each setting', () => {
  const text = showSettingsText(configured());
  const line = (path: string) =>
    text
      .split('\n')
      .find((one) => one.startsWith(`${path} = `))
      ?.replace(/ +#/, ' #');
  expect(line('provider')).toBe('provider = "mine" # the user file');
  expect(line('chat.timeout')).toBe('chat.timeout = 9000 # the selected profile');
  expect(line('completion.maxLines')).toBe("completion.maxLines = 3 # the editor's settings");
  expect(line('completion.maxTokens')).toBe('completion.maxTokens = 256 # the defaults');
  expect(line('privacy.exclude')).toBe('privacy.exclude = ["*.sql","*.csv"] # the user file, the editor\'s settings');
  expect(line('providers.openai.model')).toBe('providers.openai.model = "gpt-6-luna" # the defaults');
  expect(line('providers.openai.apiKey')).toBe('providers.openai.apiKey = {"env":"MY_KEY"} # the user file');
  expect(text).not.toContain('hush');
});

test('as JSON, by dotted path', () => {
  const shown = showSettingsJson(configured());
  expect(shown['privacy.exclude']).toEqual({ value: ['*.sql', '*.csv'], layers: ['user', 'client'] });
  expect(shown['providers.mine.apiKey']?.value).toMatch(/^\[secret sha256:[0-9a-f]{8}\]$/);
  expect(shown['network.proxy']?.value).toMatch(/^http:\/\/\[secret sha256:[0-9a-f]{8}\]@proxy\.example:3128$/);
  expect(Object.keys(shown)).toEqual(Object.keys(shown).sort());
  expect(JSON.stringify(shown)).not.toContain('hush');
});
