/** Checks between settings: ids that must name a provider, and values that must fit each other. */
import type { LayerName, SettingsIssue } from './issue.ts';
import { layerNames } from './issue.ts';
import { printValue } from './mask.ts';
import type { EffectiveSetting, EffectiveSettings, Layer } from './merge.ts';

/** The settings that name providers. */
const referencePaths = [
  'provider',
  'completion.provider',
  'completion.fallback',
  'chat.provider',
  'chat.fallback',
] as const;

interface Relation {
  readonly paths: readonly [string, string];
  readonly expected: string;
  /** Asked with the values in this order. */
  holds(first: unknown, second: unknown): boolean;
}

const relations: readonly Relation[] = [
  {
    paths: ['completion.debounce.min', 'completion.debounce.max'],
    expected: 'completion.debounce.min to be at most completion.debounce.max',
    holds: (min, max) => Number(min) <= Number(max),
  },
  {
    paths: ['context.prefixShare', 'context.suffixShare'],
    expected: 'context.prefixShare and context.suffixShare to be at most 1 together',
    holds: (prefix, suffix) => Number(prefix) + Number(suffix) <= 1,
  },
  {
    paths: ['cache.redisUrl', 'cache.teamKey'],
    expected: 'cache.teamKey beside cache.redisUrl, because answers are shared sealed or not at all',
    holds: (address, key) => address === null || key !== null,
  },
];

/** The last value of each reference in each layer that named a known provider, by layer and path. */
export type GoodReferences = ReadonlyMap<string, unknown>;

export interface CheckedReferences {
  readonly layers: readonly Layer[];
  readonly good: GoodReferences;
  readonly issues: readonly SettingsIssue[];
}

/** Replaces references to unknown providers by what the layer said when it was last right, or by nothing. */
export function checkReferences(
  layers: readonly Layer[],
  known: readonly string[],
  before: GoodReferences,
): CheckedReferences {
  const good = new Map<string, unknown>();
  const issues: SettingsIssue[] = [];
  const isKnown = (value: unknown) => [value].flat().every((id) => id === null || known.some((one) => one === id));
  const checked = layers.map((layer): Layer => {
    const said = new Map(layer.said);
    for (const path of referencePaths) {
      const reference = said.get(path);
      if (reference === undefined) continue;
      const key = `${layer.name} ${path}`;
      if (!isKnown(reference.value)) issues.push(unknownProvider(layer, path, reference.value, known));
      const value = isKnown(reference.value) ? reference.value : before.get(key);
      if (value !== undefined && isKnown(value)) {
        good.set(key, value);
        said.set(path, { ...reference, value });
      } else {
        said.delete(path);
      }
    }
    return { name: layer.name, said };
  });
  return { layers: checked, good, issues };
}

function unknownProvider(layer: Layer, path: string, value: unknown, known: readonly string[]): SettingsIssue {
  const names = known.map((id) => `"${id}"`).join(', ');
  return {
    layer: layer.name,
    path,
    expected: `the id of a provider (known: ${names})`,
    got: printValue(value, undefined),
  };
}

/** Where two values do not fit each other, both go back to what they were in `previous`, in place. */
export function checkRelations(effective: Map<string, EffectiveSetting>, previous: EffectiveSettings): SettingsIssue[] {
  return relations.flatMap(({ paths, expected, holds }) => {
    const [first, second] = paths.map((path) => effective.get(path));
    if (first === undefined || second === undefined || holds(first.value, second.value)) return [];
    for (const path of paths) {
      const earlier = previous.get(path);
      if (earlier) effective.set(path, earlier);
    }
    const blamed = strength(first) > strength(second) ? first : second;
    return [
      {
        layer: blamed.layers.at(-1) ?? 'default',
        path: blamed.path.join('.'),
        expected,
        got: [first, second].map(({ value, leaf }) => printValue(value, leaf.secrecy)).join(' and '),
      },
    ];
  });
}

function strength(setting: EffectiveSetting): number {
  const weakestFirst: readonly LayerName[] = layerNames;
  return weakestFirst.indexOf(setting.layers.at(-1) ?? 'default');
}
