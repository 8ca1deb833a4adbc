/** Properties of layering that hold for any payload, valid or hostile. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeLayers } from '../../src/config/merge.ts';
import { readLayer } from '../../src/config/read-layer.ts';
import { settingsTree } from '../../src/config/schema.ts';
import { eachDefault, type LeafNode } from '../../src/config/setting-tree.ts';
import { createSettingsStore } from '../../src/config/store.ts';

const seed = 20_261_201;
const layers = ['user', 'initializationOptions', 'client', 'session'] as const;

const word = fc.constantFrom('a', 'b', 'c', '*.env', 'python');
const provider = fc.constantFrom('openai', 'workspace');
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

/** Settings that are valid alone and together. */
const payload = fc.record(
  {
    provider,
    completion: fc.record(
      {
        enabled: fc.boolean(),
        provider: fc.option(provider),
        fallback: fc.array(provider, { maxLength: 3 }),
        maxLines: fc.integer({ min: 1, max: 200 }),
        debounce: fc.record(
          { min: fc.integer({ min: 0, max: 9 }), max: fc.integer({ min: 10, max: 99 }) },
          { requiredKeys: [] },
        ),
        languages: fc.record({ include: fc.array(word), exclude: fc.array(word) }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
    chat: fc.record(
      { instructions: fc.string({ maxLength: 20 }), timeout: fc.integer({ min: 1000, max: 9999 }) },
      { requiredKeys: [] },
    ),
    privacy: fc.record({ exclude: fc.array(word) }),
    providers: fc.dictionary(
      fc.constantFrom('openai', 'workspace'),
      fc.record(
        {
          model: word,
          headers: fc.dictionary(
            word.filter((name) => name !== '*.env'),
            word,
          ),
          temperature: fc.constantFrom(0, 1, 2),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

type Leaves = Map<string, unknown>;

/** Dotted path to value; headers and lists are values. The test's own reading of a payload. */
function leaves(value: unknown, path: readonly string[] = [], found: Leaves = new Map()): Leaves {
  const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value) && path.at(-1) !== 'headers';
  if (!isGroup) return found.set(path.join('.'), value);
  for (const [name, inner] of Object.entries(value)) leaves(inner, [...path, name], found);
  return found;
}

function grows(path: string): boolean {
  return path === 'privacy.exclude' || path === 'completion.languages.exclude';
}

test('every value is the last one said, and every exclusion ever said is there', () => {
  fc.assert(
    fc.property(
      fc.tuple(maybe(payload), maybe(payload), maybe(payload), maybe(payload)),
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      (payloads, order) => {
        const store = createSettingsStore();
        for (const index of order) store.learnLayer(layers[index] ?? 'user', payloads[index]);
        expect(store.issues()).toEqual([]);
        const expected: Leaves = new Map();
        for (const said of payloads) {
          for (const [path, value] of said === undefined ? [] : leaves(said)) {
            const below = grows(path) ? ((expected.get(path) ?? []) as unknown[]) : [];
            expected.set(path, grows(path) ? [...new Set([...below, ...(value as unknown[])])] : value);
          }
        }
        for (const [path, value] of expected) expect([path, store.effective().get(path)?.value]).toEqual([path, value]);
      },
    ),
    { seed, numRuns: 300 },
  );
});

test('merging in groups is merging at once', () => {
  const read = (name: (typeof layers)[number], raw: unknown) => ({
    name,
    said: readLayer(settingsTree, raw, name).said,
  });
  const values = (merged: ReturnType<typeof mergeLayers>) =>
    new Map([...merged].map(([path, { value }]) => [path, value]));
  fc.assert(
    fc.property(payload, payload, payload, (low, middle, high) => {
      const [user, client, session] = [read('user', low), read('client', middle), read('session', high)];
      const lower = { name: 'user' as const, said: mergeLayers([user, client]) };
      const upper = { name: 'client' as const, said: mergeLayers([client, session]) };
      const atOnce = values(mergeLayers([user, client, session]));
      expect(values(mergeLayers([lower, session]))).toEqual(atOnce);
      expect(values(mergeLayers([user, upper]))).toEqual(atOnce);
    }),
    { seed, numRuns: 200 },
  );
});

test('one wrong value costs that value alone', () => {
  fc.assert(
    fc.property(payload, fc.nat(), (valid, pick) => {
      const paths = [...leaves(valid)].map(([path]) => path).filter((path) => settingAt(path));
      const path = paths[pick % Math.max(1, paths.length)];
      fc.pre(path !== undefined);
      const wrong = createSettingsStore().setLayer('user', changed(valid, path.split('.'), -1));
      const without = createSettingsStore().setLayer('user', changed(valid, path.split('.'), undefined));
      expect(wrong.settings).toEqual(without.settings);
      expect(wrong.issues.map((issue) => issue.path)).toEqual([path]);
    }),
    { seed, numRuns: 300 },
  );
});

test('no payload throws, pollutes a prototype or makes settings that are not valid', () => {
  const name = fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'inkling',
    'providers',
    'completion',
    'openai',
    'debounce',
    'apiKey',
    'profiles',
    'x',
  );
  const { tree: hostile } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('tree')), { maxLength: 4 }).map(ownProperties),
    ),
  }));
  const clean = Object.getOwnPropertyNames(Object.prototype).sort();
  const store = createSettingsStore();
  const checks: { path: readonly string[]; schema: ReturnType<LeafNode['schema']> }[] = [];
  eachDefault(settingsTree, (path, { schema }) => checks.push({ path, schema: schema() }));
  fc.assert(
    fc.property(fc.constantFrom(...layers), hostile, (layer, raw) => {
      const { settings } = store.setLayer(layer, raw);
      const invalid = checks.filter(({ path, schema }) => !schema.safeParse(valueAt(settings, path)).success);
      expect(invalid.map(({ path }) => path)).toEqual([]);
      expect(Object.getPrototypeOf(settings)).toBe(Object.prototype);
      expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(clean);
    }),
    { seed, numRuns: 2000 },
  );
});

function valueAt(settings: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)[name], settings);
}

/** As `JSON.parse` makes objects: `__proto__` is a property like any other. */
function ownProperties(entries: readonly [string, unknown][]): object {
  const result = {};
  for (const [name, value] of entries)
    Object.defineProperty(result, name, { value, enumerable: true, configurable: true, writable: true });
  return result;
}

function changed(value: unknown, [name, ...rest]: readonly string[], leaf: unknown): unknown {
  if (name === undefined) return leaf;
  const group = value as Record<string, unknown>;
  return { ...group, [name]: changed(group[name], rest, leaf) };
}

/** True when the path leads to a setting, not to a group that happens to be empty. */
function settingAt(path: string): boolean {
  return createSettingsStore().effective().has(path) || /^providers\.\w+\.(model|headers|temperature)$/.test(path);
}
