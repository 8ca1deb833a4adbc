/** Every setting is declared completely, and every default is valid by the rule it stands beside. */
import { expect, test } from 'vitest';
import { userFileTree } from '../../src/config/schema.ts';
import type { SettingNode } from '../../src/config/setting-tree.ts';
import { createSettingsStore } from '../../src/config/store.ts';
import { builtInProviderIds, providerKinds, vendorKeys, vendorOf } from '../../src/config/vendors.ts';

function* nodes(node: SettingNode, path: string): Generator<[string, SettingNode]> {
  yield [path, node];
  if (node.kind === 'table') yield* nodes(node.entry, `${path}.ID`);
  if (node.kind !== 'group') return;
  for (const [name, child] of node.children) yield* nodes(child, path === '' ? name : `${path}.${name}`);
}

test.each([...nodes(userFileTree, '')])('%s says what it is', (_, node) => {
  if (node.kind !== 'setting') return expect(node.kind).toMatch(/group|table/);
  expect(node.description).toMatch(/^[A-Z].*[.]$/s);
  expect(node.expected).not.toBe('');
  const schema = node.schema();
  if (node.defaultValue !== undefined) expect(schema.safeParse(node.defaultValue).data).toEqual(node.defaultValue);
  expect(schema.safeParse(null).success).toBe(node.nullable === true);
  expect(schema.safeParse([]).success).toBe(node.list === true);
  if (node.grows !== undefined) expect(node.list).toBe(true);
});

test.each(providerKinds)('the vendor %s is described and its entry valid', (kind) => {
  const { defaults, description, requires, builtIn } = vendorOf(kind);
  expect(description).not.toBe('');
  const required = { model: 'm', baseUrl: 'http://127.0.0.1:1/v1', module: '/provider.mjs' };
  const entry = { kind, ...Object.fromEntries(requires.map((name) => [name, required[name]])), ...defaults };
  const store = createSettingsStore();
  expect(store.setLayer('user', { providers: { [builtIn ? kind : 'mine']: entry } }).issues).toEqual([]);
  if (builtIn) expect(requires).toEqual([]);
});

test('the built-in ids, and where their keys may go', () => {
  expect(builtInProviderIds).toEqual(expect.arrayContaining(['openai', 'gemini', 'workspace']));
  expect(builtInProviderIds).not.toContain('openai-compatible');
  expect(vendorKeys('openai')).toEqual({ variables: ['OPENAI_API_KEY'], origin: 'https://api.openai.com' });
  expect(vendorKeys('gemini')?.origin).toBe('https://generativelanguage.googleapis.com');
  expect(vendorKeys('mistral', 'https://codestral.mistral.ai/v1')).toEqual({
    variables: ['CODESTRAL_API_KEY'],
    origin: 'https://codestral.mistral.ai',
  });
  expect(vendorKeys('mistral', 'http://127.0.0.1:1/v1')).toMatchObject({ origin: 'https://api.mistral.ai' });
  expect(vendorKeys('openai-compatible')).toBeUndefined();
  expect(vendorKeys('toString')).toBeUndefined();
});
