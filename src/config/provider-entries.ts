/** Completes the provider entries: what the table of vendors adds, what an entry lacks, and which keys may not go along. */
import type { LayerName, SettingsIssue } from './issue.ts';
import { layerNames } from './issue.ts';
import { printValue } from './mask.ts';
import type { EffectiveSetting, EffectiveSettings, Layer } from './merge.ts';
import { providerEntry } from './provider-schema.ts';
import type { Said } from './read-layer.ts';
import type { LeafNode } from './setting-tree.ts';
import { builtInProviderIds, isProviderKind, type ProviderKind, providerKinds, vendorOf } from './vendors.ts';

type Effective = Map<string, EffectiveSetting>;

/**
 * Fills in every entry of `effective`, in place. An entry that lacks something is replaced by what it was in `previous`,
 * or dropped where it was nothing yet.
 */
export function completeProviderEntries(effective: Effective, previous: EffectiveSettings): SettingsIssue[] {
  const issues: SettingsIssue[] = [];
  for (const id of new Set([...builtInProviderIds, ...mentionedIds(effective)])) {
    const problem = completeEntry(effective, id);
    if (problem === undefined) continue;
    issues.push(problem);
    restoreEntry(effective, previous, id);
  }
  return issues;
}

/** The ids that settings may name. Call it after the entries are complete. */
export function knownProviderIds(effective: EffectiveSettings): readonly string[] {
  return [...new Set([...builtInProviderIds, ...mentionedIds(effective)])];
}

/**
 * Where a layer of the editor points an entry to another address than the user file does, keys and headers of the user
 * file do not go along: the editor's settings may come from a workspace, and a key belongs to its address.
 */
export function withholdForeignKeys(layers: readonly Layer[]): { layers: readonly Layer[]; issues: SettingsIssue[] } {
  const file = layers.filter((layer) => domainOf(layer.name) === 'file');
  const editor = layers.filter((layer) => domainOf(layer.name) === 'editor');
  const issues: SettingsIssue[] = [];
  const withheld = new Set<string>();
  for (const [key, moved] of lastSaid(editor)) {
    if (moved.path[0] !== 'providers' || moved.path[2] !== 'baseUrl' || moved.path.length !== 3) continue;
    const id = String(moved.path[1]);
    const before = lastSaid(file).get(key)?.value ?? (isProviderKind(id) ? vendorOf(id).defaults.baseUrl : undefined);
    if (originOf(before) === originOf(moved.value)) continue;
    for (const secret of [`providers.${id}.apiKey`, `providers.${id}.headers`]) {
      if (!lastSaid(file).has(secret)) continue;
      withheld.add(secret);
      if (lastSaid(editor).has(secret)) continue;
      issues.push({
        layer: moved.layer,
        path: key,
        expected: `the address that ${secret} of the user file belongs to, or both in the same place`,
        got: `another address (the ${secret.endsWith('apiKey') ? 'key is' : 'headers are'} not sent there)`,
      });
    }
  }
  return {
    layers: layers.map((layer) => (domainOf(layer.name) === 'file' ? without(layer, withheld) : layer)),
    issues,
  };
}

/**
 * A module and a program that prints a key are code that runs, a file that is written to may be one that a shell reads, and
 * the editor's settings may come from a workspace: only the user file names one, and only it lets an observer of calls see
 * their text.
 */
export function withholdForeignModules(layers: readonly Layer[]): {
  layers: readonly Layer[];
  issues: SettingsIssue[];
} {
  const issues: SettingsIssue[] = [];
  const kept = layers.map((layer) => {
    if (domainOf(layer.name) !== 'editor') return layer;
    const refused = [...layer.said].flatMap(([key, said]) => {
      const expected = refusal(said);
      return expected === undefined ? [] : [{ key, said, expected }];
    });
    for (const { key, said, expected } of refused) {
      issues.push({ layer: layer.name, path: key, expected, got: printValue(said.value, said.leaf.secrecy) });
    }
    return without(layer, new Set(refused.map(({ key }) => key)));
  });
  return { layers: kept, issues };
}

/** What was to be expected of an editor's layer in place of this; `undefined` where it may say it. */
function refusal({ path, value }: Said): string | undefined {
  if (path[0] === 'providers' && path[2] === 'module') {
    return 'nothing here: which code runs is said in the user file alone';
  }
  if (
    path[0] === 'providers' &&
    path[2] === 'apiKey' &&
    typeof value === 'object' &&
    value !== null &&
    'command' in value
  ) {
    return 'no program here: which code runs is said in the user file alone';
  }
  if (path[1] === 'file' && (path[0] === 'log' || path[0] === 'audit')) {
    return 'nothing here: which files are written to is said in the user file alone';
  }
  if (path[0] !== 'middleware' || !Array.isArray(value) || !value.some(isForUserFile)) return undefined;
  return 'no module and no content here: which code runs, and who is told your text, is said in the user file alone';
}

function isForUserFile({ kind, content }: { readonly kind: unknown; readonly content?: unknown }): boolean {
  return kind === 'module' || content === true;
}

function completeEntry(effective: Effective, id: string): SettingsIssue | undefined {
  const kindPath = `providers.${id}.kind`;
  const said = effective.get(kindPath);
  const builtIn = builtInProviderIds.find((known) => known === id);
  if (builtIn !== undefined && said !== undefined && said.value !== builtIn) {
    return issueAt(
      effective,
      id,
      `kind`,
      `"${builtIn}", which this built-in id implies (choose another id for another kind)`,
      JSON.stringify(said.value),
    );
  }
  const kind = builtIn ?? said?.value;
  if (!isProviderKind(kind)) {
    return issueAt(effective, id, 'kind', `one of ${providerKinds.map((known) => `"${known}"`).join(', ')}`, 'nothing');
  }
  addDefaults(effective, id, kind);
  const missing = vendorOf(kind).requires.find((name) => !effective.has(`providers.${id}.${name}`));
  return missing && issueAt(effective, id, missing, `a value, which every entry of kind "${kind}" needs`, 'nothing');
}

function addDefaults(effective: Effective, id: string, kind: ProviderKind): void {
  for (const [name, value] of Object.entries({ kind, ...vendorOf(kind).defaults })) {
    const path = ['providers', id, name];
    if (effective.has(path.join('.'))) continue;
    effective.set(path.join('.'), { path, leaf: entryLeaf(name), value, layers: ['default'] });
  }
}

function entryLeaf(name: string): LeafNode {
  const leaf = providerEntry.children.get(name);
  if (leaf?.kind !== 'setting') throw new Error(`The table of vendors sets ${name}, which is no setting of an entry.`);
  return leaf;
}

function restoreEntry(effective: Effective, previous: EffectiveSettings, id: string): void {
  for (const [key, { path }] of effective) if (belongsTo(path, id)) effective.delete(key);
  for (const [key, setting] of previous) if (belongsTo(setting.path, id)) effective.set(key, setting);
}

function issueAt(effective: Effective, id: string, name: string, expected: string, got: string): SettingsIssue {
  const named = effective.get(`providers.${id}.${name}`);
  const layer = named?.layers.at(-1) ?? strongestLayerOf(effective, id);
  return { layer, path: `providers.${id}.${name}`, expected, got };
}

function strongestLayerOf(effective: Effective, id: string): LayerName {
  const layers = [...effective.values()].filter(({ path }) => belongsTo(path, id)).flatMap((setting) => setting.layers);
  return layerNames.findLast((name) => layers.includes(name)) ?? 'default';
}

function mentionedIds(effective: EffectiveSettings): string[] {
  return [...effective.values()].flatMap(({ path }) =>
    path[0] === 'providers' && path[1] !== undefined ? [path[1]] : [],
  );
}

function belongsTo(path: readonly string[], id: string): boolean {
  return path[0] === 'providers' && path[1] === id;
}

function domainOf(layer: LayerName): 'program' | 'file' | 'editor' {
  if (layer === 'default') return 'program';
  return layer === 'user' || layer === 'profile' ? 'file' : 'editor';
}

function lastSaid(
  layers: readonly Layer[],
): Map<string, { path: readonly string[]; value: unknown; layer: LayerName }> {
  return new Map(
    layers.flatMap(({ name, said }) => [...said].map(([key, { path, value }]) => [key, { path, value, layer: name }])),
  );
}

function originOf(address: unknown): string | undefined {
  return typeof address === 'string' && URL.canParse(address) ? new URL(address).origin : undefined;
}

function without(layer: Layer, keys: ReadonlySet<string>): Layer {
  return { name: layer.name, said: new Map([...layer.said].filter(([key]) => !keys.has(key))) };
}
