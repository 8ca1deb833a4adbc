/** Reads what one layer says, setting by setting, so that one wrong value costs that value and nothing else. */
import { nearestName } from '../util/nearest-name.ts';
import type { LayerName, SettingsIssue } from './issue.ts';
import { looksLikeKey, maskName, printValue } from './mask.ts';
import { entryName } from './setting.ts';
import { type GroupNode, type LeafNode, pathOfName, type SettingNode, type TableNode } from './setting-tree.ts';
import { isProviderKind } from './vendors.ts';

/** One setting as one layer says it. */
export interface Said {
  readonly path: readonly string[];
  readonly leaf: LeafNode;
  readonly value: unknown;
}

export interface LayerReading {
  /** By dotted path. */
  readonly said: ReadonlyMap<string, Said>;
  readonly issues: readonly SettingsIssue[];
  /** Dotted paths at or below which something was said but could not be used; empty text is the whole layer. */
  readonly unusable: readonly string[];
}

/** A table may hold this many entries, and a layer report this many issues: what a client sends is bounded. */
const MOST_ENTRIES = 200;
const MOST_ISSUES = 50;
/** Nesting of free-form values such as `requestOptions`. */
const DEEPEST = 16;

const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads `raw` by the tree. `null` and `undefined` say nothing. Clients whose language has one empty table send `[]` for
 * an empty object and `{}` for an empty list, and settings pages send empty text for null; all are taken for what they mean.
 */
export function readLayer(tree: GroupNode, raw: unknown, layer: LayerName): LayerReading {
  const reading = { said: new Map<string, Said>(), issues: [] as SettingsIssue[], unusable: [] as string[] };
  const payload = layer === 'project' ? raw : unwrapPayload(raw);
  if (!(layer === 'client' && isForeign(tree, payload))) readNode(tree, payload, [], { ...reading, layer, tree });
  return reading;
}

interface Reading {
  /** The whole, to find what stands in the wrong place. */
  readonly tree: GroupNode;
  readonly layer: LayerName;
  readonly said: Map<string, Said>;
  readonly issues: SettingsIssue[];
  readonly unusable: string[];
}

/** Clients differ: some send the section, some an object with the section in it. */
function unwrapPayload(raw: unknown): unknown {
  return isObject(raw) && Object.hasOwn(raw, 'inkling') ? raw['inkling'] : raw;
}

/** Some editors send every server the settings of all servers: where no name is ours or nearly ours, nothing was said to us. */
function isForeign(tree: GroupNode, payload: unknown): boolean {
  if (!isObject(payload)) return false;
  const names = Object.keys(payload);
  const isOurs = (name: string) =>
    tree.children.has(name) || forbiddenNames.has(name) || nearestName(name, tree.children.keys()) !== undefined;
  return names.length > 0 && !names.some(isOurs);
}

function readNode(node: SettingNode, value: unknown, path: readonly string[], reading: Reading): void {
  if (value === undefined) return;
  if (node.kind === 'setting') readSetting(node, value, path, reading);
  else if (value === null || (Array.isArray(value) && value.length === 0)) return;
  else if (!isObject(value)) refuse(reading, path, 'an object', Array.isArray(value) ? 'a list' : `a ${typeof value}`);
  else if (node.kind === 'group') readGroup(node, value, path, reading);
  else readTable(node, value, path, reading);
}

function readGroup(node: GroupNode, value: Record<string, unknown>, path: readonly string[], reading: Reading): void {
  for (const name of Object.keys(value)) {
    const child = node.children.get(name);
    if (child) readNode(child, value[name], [...path, name], reading);
    else if (!isSchemaReference(name, path))
      refuse(reading, [...path, maskName(name)], expectedName(node, name, reading.tree), 'an unknown name');
  }
}

function readTable(node: TableNode, value: Record<string, unknown>, path: readonly string[], reading: Reading): void {
  const names = Object.keys(value);
  if (names.length > MOST_ENTRIES) {
    refuse(reading, path, `at most ${MOST_ENTRIES} entries`, String(names.length));
    return;
  }
  for (const name of names) {
    if (forbiddenNames.has(name) || looksLikeKey(name) || !entryName.schema().safeParse(name).success) {
      refuse(reading, [...path, maskName(name)], entryName.expected, 'another name');
    } else {
      readNode(node.entry, value[name], [...path, name], reading);
    }
  }
}

function readSetting(leaf: LeafNode, given: unknown, path: readonly string[], reading: Reading): void {
  if (given === null && !leaf.nullable) return;
  const value = meant(leaf, given);
  const unsafe = findUnsafe(value, DEEPEST);
  const parsed = leaf.schema().safeParse(value);
  if (unsafe) refuse(reading, path, leaf.expected, unsafe);
  else if (parsed.success) reading.said.set(path.join('.'), { path, leaf, value: ownCopy(parsed.data) });
  else if (leaf.grows !== undefined && Array.isArray(value)) readElements(leaf, value, leaf.grows, path, reading);
  else refuse(reading, path, leaf.expected, printValue(value, leaf.secrecy));
}

/** One wrong element costs that element alone: such a list protects something, and the others still can. */
function readElements(
  leaf: LeafNode,
  elements: readonly unknown[],
  expected: string,
  path: readonly string[],
  reading: Reading,
): void {
  const schema = leaf.schema();
  const isGood = (element: unknown) => schema.safeParse([element]).success;
  const good = elements.filter(isGood);
  for (const element of elements) {
    if (!isGood(element)) refuse(reading, path, expected, printValue(element, leaf.secrecy));
  }
  if (schema.safeParse(good).success) reading.said.set(path.join('.'), { path, leaf, value: ownCopy(good) });
  else refuse(reading, path, leaf.expected, `a list of ${good.length}`);
}

/** What a client can only say in its own way: an empty table for an empty list, empty text for null. */
function meant(leaf: LeafNode, given: unknown): unknown {
  if (leaf.list && isObject(given) && Object.keys(given).length === 0) return [];
  return given === '' && leaf.nullable ? null : given;
}

function refuse(reading: Reading, path: readonly string[], expected: string, got: string): void {
  const place = path.join('.');
  reading.unusable.push(place);
  if (reading.issues.length < MOST_ISSUES) reading.issues.push({ layer: reading.layer, path: place, expected, got });
}

function expectedName(node: GroupNode, name: string, tree: GroupNode): string {
  if (forbiddenNames.has(name)) return 'no name that programs use for themselves';
  const nearest = nearestName(name, node.children.keys());
  if (nearest !== undefined) return `the name of a setting (did you mean "${nearest}"?)`;
  if (name.includes('.')) return 'nested objects, one for each part of the name';
  if (isProviderKind(name)) return `the name of a setting (did you mean "providers.${name}"?)`;
  const elsewhere = pathOfName(tree, name);
  const isDeeper = elsewhere !== undefined && elsewhere !== name;
  return `the name of a setting${isDeeper ? ` (did you mean "${elsewhere}"?)` : ''}`;
}

/** Editors offer completion in a file that names its JSON Schema. */
function isSchemaReference(name: string, path: readonly string[]): boolean {
  return name === '$schema' && path.length === 0;
}

/** Says what makes a free-form value unsafe to merge or copy; `undefined` when nothing does. */
function findUnsafe(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return 'deeper nesting than any setting has';
  for (const name of Object.keys(value)) {
    if (forbiddenNames.has(name)) return `the name "${name}", which programs use for themselves`;
    const inner = findUnsafe((value as Record<string, unknown>)[name], depth - 1);
    if (inner) return inner;
  }
  return undefined;
}

/** Free of everything the sender still holds, so that it can be frozen. */
function ownCopy(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
