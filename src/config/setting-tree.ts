/** What the settings are declared as: a tree of groups, tables of entries, and settings, for everybody who walks it. */
import type * as z from 'zod/mini';
import type { SettingFacts } from './setting.ts';

export interface GroupNode<Shape = Readonly<Record<string, SettingNode>>> {
  readonly kind: 'group';
  readonly description: string;
  /** As it was declared, for its type. */
  readonly shape: Shape;
  /** The same, safe to ask for any name. */
  readonly children: ReadonlyMap<string, SettingNode>;
}

export interface TableNode<Entry = GroupNode> {
  readonly kind: 'table';
  readonly description: string;
  readonly entry: Entry;
}

export interface LeafNode<Value = unknown> extends SettingFacts {
  readonly kind: 'setting';
  readonly description: string;
  readonly schema: () => z.ZodMiniType<Value>;
  /** `undefined` where leaving it out means something no value can say. */
  readonly defaultValue: Value | undefined;
}

export type SettingNode = GroupNode | TableNode | LeafNode;

/** What a node's settings are once every layer has spoken. */
export type ValueOf<Node> =
  Node extends LeafNode<infer Value>
    ? Value
    : Node extends GroupNode<infer Shape>
      ? { -readonly [Name in keyof Shape]: ValueOf<Shape[Name]> }
      : Node extends TableNode<infer Entry>
        ? Record<string, EntryOf<Entry>>
        : never;

/** What an entry of a table says: nothing in it has to be there. */
type EntryOf<Node> =
  Node extends GroupNode<infer Shape> ? { -readonly [Name in keyof Shape]?: EntryOf<Shape[Name]> } : ValueOf<Node>;

/** Calls `visit` for every setting that has a default, with its path. Entries of tables have none. */
export function eachDefault(node: SettingNode, visit: (path: readonly string[], leaf: LeafNode) => void): void {
  const walk = (below: SettingNode, path: readonly string[]): void => {
    if (below.kind === 'group') for (const [name, child] of below.children) walk(child, [...path, name]);
    if (below.kind === 'setting' && below.defaultValue !== undefined) visit(path, below);
  };
  walk(node, []);
}

/** The dotted path of the first setting or group of this name below `node`; an entry of a table stands in it as NAME. */
export function pathOfName(node: SettingNode, name: string): string | undefined {
  if (node.kind === 'setting') return undefined;
  if (node.kind === 'table') return prefixed('NAME', pathOfName(node.entry, name));
  if (node.children.has(name)) return name;
  for (const [group, child] of node.children) {
    const path = prefixed(group, pathOfName(child, name));
    if (path !== undefined) return path;
  }
  return undefined;
}

function prefixed(name: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : `${name}.${path}`;
}
