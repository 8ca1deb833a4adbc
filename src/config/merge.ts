/** Lays layers over each other, setting by setting: the last that says something wins, and growing lists grow. */
import type { LayerName } from './issue.ts';
import type { Said } from './read-layer.ts';
import { settingsTree } from './schema.ts';
import { eachDefault, type LeafNode } from './setting-tree.ts';

/** One setting in force. */
export interface EffectiveSetting {
  readonly path: readonly string[];
  readonly leaf: LeafNode;
  readonly value: unknown;
  /** Where the value comes from: one layer, or for a growing list all that added to it, weakest first. */
  readonly layers: readonly LayerName[];
}

/** By dotted path. */
export type EffectiveSettings = ReadonlyMap<string, EffectiveSetting>;

export interface Layer {
  readonly name: LayerName;
  readonly said: ReadonlyMap<string, Said>;
}

/** The defaults as a layer: the weakest one. */
export const defaultLayer: Layer = { name: 'default', said: defaults() };

function defaults(): ReadonlyMap<string, Said> {
  const said = new Map<string, Said>();
  eachDefault(settingsTree, (path, leaf) => said.set(path.join('.'), { path, leaf, value: leaf.defaultValue }));
  return said;
}

/** Weakest layer first. Merging in groups gives the same as merging at once. */
export function mergeLayers(layers: readonly Layer[]): Map<string, EffectiveSetting> {
  const effective = new Map<string, EffectiveSetting>();
  for (const layer of layers) {
    for (const [key, said] of layer.said) effective.set(key, overlay(effective.get(key), said, layer.name));
  }
  return effective;
}

function overlay(below: EffectiveSetting | undefined, said: Said, layer: LayerName): EffectiveSetting {
  const { path, leaf, value } = said;
  if (leaf.grows === undefined) return { path, leaf, value, layers: [layer] };
  const known = elements(below?.value);
  const grown = union(known, value);
  if (below !== undefined && grown.length === known.length) return below;
  return { path, leaf, value: grown, layers: known.length === 0 ? [layer] : [...(below?.layers ?? []), layer] };
}

/** Everything that either list says, once; whatever is no list says nothing. */
export function union(first: unknown, second: unknown): readonly unknown[] {
  return [...new Set([...elements(first), ...elements(second)])];
}

/** Growing lists are lists of text. */
function elements(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}
