/** What a person reads about a wrong setting: one line each, as one table. */
import { expect, test } from 'vitest';
import { describeIssue } from '../../src/config/issue.ts';
import { createSettingsStore } from '../../src/config/store.ts';
import { builtInProviderIds, providerKinds } from '../../src/config/vendors.ts';

function messages(raw: unknown, layer: 'user' | 'client' = 'user'): string[] {
  return createSettingsStore().setLayer(layer, raw).issues.map(describeIssue);
}

const known = builtInProviderIds.map((id) => `"${id}"`).join(', ');
const kinds = providerKinds.map((kind) => `"${kind}"`).join(', ');
const key = 'sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789';

const table: [what: string, raw: unknown, expected: string][] = [
  [
    'a number as text',
    { completion: { maxTokens: 'many' } },
    'completion.maxTokens (the user file): expected a whole number from 1 to 16384 (tokens); got "many".',
  ],
  [
    'a number out of range',
    { completion: { debounce: { max: -1 } } },
    'completion.debounce.max (the user file): expected a whole number from 0 to 10000 (milliseconds); got -1.',
  ],
  [
    'half a number',
    { completion: { maxLines: 1.5 } },
    'completion.maxLines (the user file): expected a whole number from 1 to 200 (lines); got 1.5.',
  ],
  [
    'a word for a flag',
    { completion: { enabled: 'yes' } },
    'completion.enabled (the user file): expected true or false; got "yes".',
  ],
  [
    'a word that is no choice',
    { log: { level: 'verbose' } },
    'log.level (the user file): expected one of "error", "warn", "info", "debug"; got "verbose".',
  ],
  ['a list for a group', { chat: ['openai'] }, 'chat (the user file): expected an object; got a list.'],
  ['a value for the whole', 'openai', 'the user file: expected an object; got a string.'],
  [
    'a wrong element of a list',
    { privacy: { exclude: ['*.sql', '!b.sql'] } },
    'privacy.exclude (the user file): expected a pattern as in a gitignore file: not empty, "/" between folders, brackets closed, no "!", "#", "~", "./" or "../" at its beginning, no "{a,b}"; got "!b.sql".',
  ],
  [
    'a list that is too long',
    { privacy: { exclude: Array.from({ length: 1001 }, (_, index) => `${index}.sql`) } },
    'privacy.exclude (the user file): expected a list of at most 1000 patterns; got a list of 1001.',
  ],
  [
    'a typing mistake',
    { completion: { enbaled: true } },
    'completion.enbaled (the user file): expected the name of a setting (did you mean "enabled"?); got an unknown name.',
  ],
  [
    'another spelling',
    { completion: { max_tokens: 5 } },
    'completion.max_tokens (the user file): expected the name of a setting (did you mean "maxTokens"?); got an unknown name.',
  ],
  [
    'a name like nothing',
    { completion: { frobnicate: 1 } },
    'completion.frobnicate (the user file): expected the name of a setting; got an unknown name.',
  ],
  [
    'a name in the wrong place',
    { temperature: 1 },
    'temperature (the user file): expected the name of a setting (did you mean "providers.NAME.temperature"?); got an unknown name.',
  ],
  [
    'a setting of chat outside of it',
    { completion: { instructions: 'Be kind.' } },
    'completion.instructions (the user file): expected the name of a setting (did you mean "chat.instructions"?); got an unknown name.',
  ],
  [
    'a provider in the wrong place',
    { ollama: { model: 'x' } },
    'ollama (the user file): expected the name of a setting (did you mean "providers.ollama"?); got an unknown name.',
  ],
  [
    'a dotted name',
    { 'completion.enabled': false },
    'completion.enabled (the user file): expected nested objects, one for each part of the name; got an unknown name.',
  ],
  [
    'a name programs use',
    JSON.parse('{"__proto__": {"provider": "x"}}'),
    '__proto__ (the user file): expected no name that programs use for themselves; got an unknown name.',
  ],
  [
    'such a name in a free-form value',
    JSON.parse('{"providers": {"openai": {"requestOptions": {"a": {"__proto__": 1}}}}}'),
    'providers.openai.requestOptions (the user file): expected an object of fields for the provider\'s request body; got the name "__proto__", which programs use for themselves.',
  ],
  [
    'such a name for a provider',
    { providers: { constructor: { kind: 'openai' } } },
    'providers.constructor (the user file): expected a name of at most 64 letters, digits, "-" and "_"; got another name.',
  ],
  [
    'an unknown provider',
    { provider: 'opnai' },
    `provider (the user file): expected the id of a provider (known: ${known}); got "opnai".`,
  ],
  [
    'an unknown fallback',
    { completion: { fallback: ['workspace', 'x'] } },
    `completion.fallback (the user file): expected the id of a provider (known: ${known}); got ["workspace","x"].`,
  ],
  [
    'an unknown kind',
    { providers: { mine: { kind: 'vllm' } } },
    `providers.mine.kind (the user file): expected one of ${kinds}; got "vllm".`,
  ],
  [
    'an entry with no kind',
    { providers: { mine: { model: 'm' } } },
    `providers.mine.kind (the user file): expected one of ${kinds}; got nothing.`,
  ],
  [
    'an entry that lacks its address',
    { providers: { mine: { kind: 'openai-compatible', model: 'm' } } },
    'providers.mine.baseUrl (the user file): expected a value, which every entry of kind "openai-compatible" needs; got nothing.',
  ],
  [
    'another kind for a built-in id',
    { providers: { openai: { kind: 'workspace' } } },
    'providers.openai.kind (the user file): expected "openai", which this built-in id implies (choose another id for another kind); got "workspace".',
  ],
  [
    'an address with a key in it',
    { providers: { openai: { baseUrl: `https://u:${key}@host/v1` } } },
    'providers.openai.baseUrl (the user file): expected an http or https address with no user name, query or fragment in it; got "https://[secret sha256:d8e203b7]@host/v1".',
  ],
  [
    'an address of another scheme',
    { providers: { openai: { baseUrl: 'ftp://host' } } },
    'providers.openai.baseUrl (the user file): expected an http or https address with no user name, query or fragment in it; got "ftp://host".',
  ],
  [
    'a key as the name of its variable',
    { providers: { openai: { apiKey: { env: key } } } },
    'providers.openai.apiKey (the user file): expected {"env": "NAME"}, {"stored": "NAME"} or {"command": ["PROGRAM", "ARGUMENT"]}, or the key itself; got {"env":"[secret sha256:c9279cc3]"}.',
  ],
  [
    'a key where none belongs',
    { provider: key },
    `provider (the user file): expected the id of a provider (known: ${known}); got "[secret sha256:c9279cc3]".`,
  ],
  [
    'a key as a name',
    { providers: { openai: { [key]: true } } },
    'providers.openai.[secret sha256:c9279cc3] (the user file): expected the name of a setting; got an unknown name.',
  ],
  [
    'a header with a line break',
    { providers: { openai: { headers: { 'x-a': 'b\nc' } } } },
    'providers.openai.headers (the user file): expected an object of HTTP header names and their values (ASCII text); got {"x-a":"[secret sha256:6c516cfc]"}.',
  ],
  [
    'a minimum above the maximum',
    { completion: { debounce: { min: 500 } } },
    'completion.debounce.min (the user file): expected completion.debounce.min to be at most completion.debounce.max; got 500 and 400.',
  ],
  [
    'shares of more than all',
    { context: { prefixShare: 0.9 } },
    'context.prefixShare (the user file): expected context.prefixShare and context.suffixShare to be at most 1 together; got 0.9 and 0.2.',
  ],
  [
    'an address of a shared cache without the key of the team',
    { cache: { redisUrl: 'rediss://me:secret@cache.example' } },
    'cache.redisUrl (the user file): expected cache.teamKey beside cache.redisUrl, because answers are shared sealed or not at all; got "rediss://[secret sha256:f63cd734]@cache.example" and null.',
  ],
  [
    'an unknown profile',
    { profile: 'work' },
    'profile (the user file): expected the name of a profile in the user file (the user file has none); got "work".',
  ],
  [
    'a profile in a profile',
    { profiles: { a: { profile: 'b' } } },
    'profiles.a.profile (the user file): expected the name of a setting; got an unknown name.',
  ],
  [
    'a proxy of another kind',
    { network: { proxy: 'socks5://me:secret@host' } },
    'network.proxy (the user file): expected the http or https address of a proxy, for example "http://proxy.example:3128", or null; got "socks5://[secret sha256:f63cd734]@host".',
  ],
];

test.each(table)('%s', (_, raw, expected) => {
  expect(messages(raw)).toEqual([expected]);
});

test('profiles belong to the user file', () => {
  expect(messages({ profiles: {} }, 'client')).toEqual([
    'profiles (the editor\'s settings): expected the name of a setting (did you mean "profile"?); got an unknown name.',
  ]);
});

test('no message holds a key, wherever it was pasted', () => {
  const places = [
    key,
    [key],
    { [key]: key },
    { provider: key },
    { completion: key },
    { completion: { provider: [key] } },
    { providers: key },
    { providers: { [key]: { kind: 'openai' } } },
    { providers: { openai: key } },
    { providers: { openai: { apiKey: { key } } } },
    { providers: { openai: { apiKey: [key] } } },
    { providers: { openai: { api_key: key } } },
    { providers: { openai: { model: { key } } } },
    { providers: { openai: { headers: { authorization: [`Bearer ${key}`] } } } },
    { providers: { openai: { headers: `Authorization: Bearer ${key}` } } },
    { network: { proxy: `socks5://user:${key}@host` } },
    { profile: key },
    { privacy: { exclude: key } },
  ];
  for (const raw of places) {
    const said = messages(raw).join('\n');
    expect(said).not.toBe('');
    expect(said).not.toContain(key.slice(8, 24));
  }
});

test('a layer reports a bounded number of mistakes in bounded lines', () => {
  const raw = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`wrong${index}`, 'x'.repeat(10_000)]));
  const said = messages({ ...raw, provider: 'x'.repeat(100_000) });
  expect(said.length).toBeLessThan(60);
  expect(Math.max(...said.map((line) => line.length))).toBeLessThan(1000);
});
