/** Turns effective settings, which are a list of paths, into the frozen object that the rest of the program reads. */
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { EffectiveSettings } from './merge.ts';
import type { Settings, settingsTree } from './schema.ts';
import type { ValueOf } from './setting-tree.ts';

/** What is effective is complete and valid: there is a default for every setting, and every layer was checked as it was read. */
export function toSettings(effective: EffectiveSettings): Settings {
  const { providers, ...settings } = nest(effective.values()) as ValueOf<typeof settingsTree>;
  const entries: Record<string, ProviderEntry> = Object.create(null);
  for (const [id, { kind, ...entry }] of Object.entries(providers)) {
    if (kind === undefined) throw new Error(`The provider ${id} has no kind.`);
    const baseUrl = entry.baseUrl?.replace(/\/+$/, '');
    entries[id] = { id, kind, ...entry, ...(baseUrl === undefined ? {} : { baseUrl }) };
  }
  return deepFreeze({ ...settings, providers: entries });
}

type Branch = { [name: string]: unknown };

/** Paths and values as one object; no object in it has a prototype. */
export function nest(settings: Iterable<{ readonly path: readonly string[]; readonly value: unknown }>): Branch {
  const root: Branch = Object.create(null);
  for (const { path, value } of settings) {
    const branch = path.slice(0, -1).reduce(childBranch, root);
    branch[path.at(-1) ?? ''] = value;
  }
  return root;
}

function childBranch(parent: Branch, name: string): Branch {
  const child = (parent[name] ?? Object.create(null)) as Branch;
  parent[name] = child;
  return child;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
