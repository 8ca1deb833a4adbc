/** The schema as a tree to walk: groups, tables of entries, settings. Apart so that nobody else looks inside the schema library. */
import * as z from 'zod/mini';
import { settingsSchema, userFileSchema } from './schema.ts';
import { type SettingFacts, settingFacts } from './setting.ts';

export interface GroupNode {
  readonly kind: 'group';
  readonly description: string;
  readonly children: ReadonlyMap<string, SettingNode>;
}

export interface TableNode {
  readonly kind: 'table';
  readonly description: string;
  readonly entry: GroupNode;
}

export interface LeafNode extends SettingFacts {
  readonly kind: 'setting';
  readonly description: string;
  readonly schema: z.ZodMiniType;
  /** `undefined` where leaving it out means something no value can say. */
  readonly defaultValue: unknown;
  readonly nullable: boolean;
  readonly list: boolean;
}

export type SettingNode = GroupNode | TableNode | LeafNode;

let settings: GroupNode | undefined;
let userFile: GroupNode | undefined;

/** What every layer may say. */
export function settingsTree(): GroupNode {
  settings ??= groupNode(settingsSchema, '');
  return settings;
}

/** What the user file may say: the settings and `profiles`. */
export function userFileTree(): GroupNode {
  userFile ??= groupNode(userFileSchema, '');
  return userFile;
}

function groupNode(schema: z.ZodMiniObject, description: string): GroupNode {
  const children = new Map(
    Object.entries(schema.shape).map(([name, child]) => [name, settingNode(child as z.ZodMiniType, name)] as const),
  );
  return { kind: 'group', description: z.globalRegistry.get(schema)?.description ?? description, children };
}

function settingNode(schema: z.ZodMiniType, name: string): SettingNode {
  const description = z.globalRegistry.get(schema)?.description ?? '';
  const facts = settingFacts.get(schema);
  const inner = unwrap(schema);
  if (facts) return leafNode(schema, inner, facts, description);
  if (inner instanceof z.ZodMiniObject) return groupNode(inner, description);
  if (inner instanceof z.ZodMiniRecord && inner.def.valueType instanceof z.ZodMiniObject) {
    return { kind: 'table', description, entry: groupNode(inner.def.valueType, '') };
  }
  throw new Error(`The setting ${name} is neither a group, a table of entries nor declared by setting().`);
}

function leafNode(schema: z.ZodMiniType, inner: z.ZodMiniType, facts: SettingFacts, description: string): LeafNode {
  return {
    kind: 'setting',
    ...facts,
    description,
    schema: inner,
    defaultValue: schema instanceof z.ZodMiniDefault ? schema.def.defaultValue : undefined,
    nullable: inner.safeParse(null).success,
    list: inner instanceof z.ZodMiniArray,
  };
}

function unwrap(schema: z.ZodMiniType): z.ZodMiniType {
  if (schema instanceof z.ZodMiniDefault || schema instanceof z.ZodMiniExactOptional)
    return schema.def.innerType as z.ZodMiniType;
  return schema;
}

/** Calls `visit` for every setting that has a default, with its path. Entries of tables have none. */
export function eachDefault(visit: (path: readonly string[], leaf: LeafNode) => void): void {
  const walk = (node: SettingNode, path: readonly string[]): void => {
    if (node.kind === 'group') for (const [name, child] of node.children) walk(child, [...path, name]);
    if (node.kind === 'setting' && node.defaultValue !== undefined) visit(path, node);
  };
  walk(settingsTree(), []);
}
