/** Which key an entry gets, and where no key may go. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { vendorKeys } from '../../src/config/vendors.ts';
import { placeOfKey } from '../../src/credentials/resolve-api-key.ts';
import { AiError } from '../../src/domain/ai-error.ts';
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';

const canary = 'sk-canary-0123456789';
const openai: ProviderEntry = { id: 'openai', kind: 'openai', baseUrl: 'https://api.openai.com/v1' };
const local: ProviderEntry = { id: 'mine', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:8000/v1' };

/** The outcome in one line: the key and its source, where it is to be asked for, `missing: …` or `refused: …`. */
function resolved(entry: ProviderEntry, environment: Record<string, string> = {}): string {
  const secrets = { environment: (name: string) => environment[name] };
  try {
    const outcome = placeOfKey(entry, vendorKeys(entry.kind), secrets);
    if ('key' in outcome) return `${outcome.key.reveal()} from ${outcome.source}`;
    if (!('distant' in outcome)) return `missing: ${outcome.missing}`;
    if (outcome.distant === 'command') return `asked of ${outcome.command.join(' ')}`;
    return `${outcome.needed ? 'needed' : 'perhaps'} stored as ${outcome.name}, else: ${outcome.missing}`;
  } catch (error) {
    if (!(error instanceof AiError)) throw error;
    expect([error.kind, error.provider]).toEqual(['notConfigured', entry.id]);
    return `refused: ${error.message}`;
  }
}

describe('where a key comes from', () => {
  test.each<[string, ProviderEntry, Record<string, string>, string]>([
    ['the variable of the vendor', openai, { OPENAI_API_KEY: canary }, `${canary} from environment OPENAI_API_KEY`],
    [
      'a variable with a line break at its end',
      openai,
      { OPENAI_API_KEY: `${canary}\n` },
      `${canary} from environment OPENAI_API_KEY`,
    ],
    ['the settings', { ...openai, apiKey: canary }, { OPENAI_API_KEY: 'other' }, `${canary} from settings`],
    [
      'the variable that the settings name',
      { ...openai, apiKey: { env: 'MINE' } },
      { MINE: canary, OPENAI_API_KEY: 'other' },
      `${canary} from environment MINE`,
    ],
    [
      'a key for an own server',
      { ...local, apiKey: { env: 'MINE' } },
      { MINE: canary },
      `${canary} from environment MINE`,
    ],
    [
      'another id of the same vendor',
      { ...openai, id: 'fast' },
      { OPENAI_API_KEY: canary },
      `${canary} from environment OPENAI_API_KEY`,
    ],
  ])('%s', (_, entry, environment, expected) => {
    expect(resolved(entry, environment)).toBe(expected);
  });
});

describe('what to do when there is none', () => {
  test.each<[string, ProviderEntry, Record<string, string>, string]>([
    [
      'nothing is set',
      openai,
      {},
      'perhaps stored as openai, else: Provider "openai" has no key. Set the environment variable OPENAI_API_KEY where the editor is started, run "inkling keys set openai", or put "apiKey": {"env": "NAME"} in providers.openai of your user settings.',
    ],
    ['an empty variable is none', openai, { OPENAI_API_KEY: '' }, resolved(openai)],
    [
      'a named variable is not set, and the default one is no substitute',
      { ...openai, apiKey: { env: 'MINE' } },
      { OPENAI_API_KEY: canary },
      'missing: The environment variable MINE is not set, which "apiKey" of provider "openai" names. Set it where the editor is started, and restart the editor.',
    ],
    [
      'an own server gets nothing from the environment by itself',
      local,
      { OPENAI_API_KEY: canary },
      'perhaps stored as mine, else: Provider "mine" has no key. If its server needs one, run "inkling keys set mine" or put "apiKey": {"env": "NAME"} in providers.mine of your user settings.',
    ],
    [
      'a stored key that the settings name',
      { ...openai, apiKey: { stored: 'work' } },
      { OPENAI_API_KEY: canary },
      'needed stored as work, else: No key is stored as "work", which "apiKey" of provider "openai" names. Run: inkling keys set work',
    ],
    [
      'a program',
      { ...openai, apiKey: { command: ['op', 'read', 'it'] } },
      { OPENAI_API_KEY: canary },
      'asked of op read it',
    ],
  ])('%s', (_, entry, environment, expected) => {
    expect(resolved(entry, environment)).toBe(expected);
  });
});

describe('a key stays with its address', () => {
  test.each([
    'https://evil.example/v1',
    'https://api.openai.com.evil.example/v1',
    'https://api.openai.com:8443/v1',
    'http://api.openai.com/v1',
    'http://127.0.0.1:8000/v1',
    'https://api.openai.co/v1',
  ])('the variable of the vendor is not sent to %s', (baseUrl) => {
    const outcome = resolved({ ...openai, baseUrl }, { OPENAI_API_KEY: canary });
    expect(outcome).toMatch(
      /^needed stored as openai, else: Provider "openai" points to \S+, and OPENAI_API_KEY is sent to https:\/\/api\.openai\.com alone\./,
    );
    expect(outcome).toContain('put "apiKey": {"env": "OPENAI_API_KEY"} in providers.openai of your user settings');
  });

  test('unless the entry says so itself', () => {
    const entry = { ...openai, baseUrl: 'https://gateway.example/v1', apiKey: { env: 'OPENAI_API_KEY' } };
    expect(resolved(entry, { OPENAI_API_KEY: canary })).toBe(`${canary} from environment OPENAI_API_KEY`);
  });

  test('an address that merely looks different is the same', () => {
    const entry = { ...openai, baseUrl: 'https://API.openai.com:443/v1' };
    expect(resolved(entry, { OPENAI_API_KEY: canary })).toContain(canary);
  });
});

describe('a key does not cross a network in the open', () => {
  test.each([
    'http://192.168.1.5:8000/v1',
    'http://vllm.example/v1',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://[::2]:8000',
  ])('%s is refused', (baseUrl) => {
    expect(resolved({ ...local, baseUrl, apiKey: canary })).toMatch(
      /^refused: .* without TLS\. Its key would cross the network/,
    );
  });

  test.each([
    'http://localhost:8000',
    'http://api.localhost',
    'http://127.8.8.8',
    'http://[::1]:8000',
    'http://0x7f.1',
    'https://vllm.example/v1',
  ])('%s is fine', (baseUrl) => {
    expect(resolved({ ...local, baseUrl, apiKey: canary })).toBe(`${canary} from settings`);
  });

  test('no key, no objection', () => {
    expect(resolved({ ...local, baseUrl: 'http://192.168.1.5:8000/v1' })).toMatch(/^perhaps/);
  });

  test('nor does one that is written as a header', () => {
    const headers = { 'X-Api-Key': canary };
    expect(resolved({ ...local, baseUrl: 'http://vllm.example', headers })).toMatch(
      /^refused: .* Its header "X-Api-Key"/,
    );
    expect(resolved({ ...local, headers })).toMatch(/^perhaps/);
  });
});

test('what is no key is refused before it breaks a header, and is not shown', () => {
  for (const wrong of [`${canary} x`, `${canary}\r\nhost: evil`, `${canary}é`]) {
    const outcome = resolved({ ...openai, apiKey: wrong });
    expect(outcome).toMatch(/^refused: The key of provider "openai" \(from settings\) holds characters no key has/);
    expect(outcome).not.toContain(canary);
  }
});

test('a resolved key cannot be printed by accident', () => {
  const outcome = placeOfKey({ ...openai, apiKey: canary }, undefined, { environment: () => undefined });
  for (const printed of [
    JSON.stringify(outcome),
    inspect(outcome, { depth: 9, showHidden: true }),
    String(Object.values(outcome)),
  ]) {
    expect(printed).not.toContain(canary);
  }
});
