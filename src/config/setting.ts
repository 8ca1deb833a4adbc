/** The words a setting is declared with: kinds of values, and what a person is told about them. */
import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';
import type { GroupNode, LeafNode, SettingNode, TableNode } from './setting-tree.ts';

// Compiling checks takes longer than settings ever take to be checked, and start-up is when it would happen.
z.config({ jitless: true });

/**
 * How much of a value may be shown: a whole key, the values of a table, the user part of an address, or whatever is under
 * `options` is masked.
 */
export type Secrecy = 'key' | 'values' | 'address' | 'options';

export interface SettingFacts {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  readonly secrecy?: Secrecy;
  /** For a list to which every layer adds, what completes "expected …" for one element. For other settings the last layer wins. */
  readonly grows?: string;
  /** What a client can only say in its own way is taken for null, or for an empty list, where the value may be one. */
  readonly nullable?: true;
  readonly list?: true;
}

export interface ValueKind<Value> extends SettingFacts {
  /** Made when a value is checked: of the hundred settings that are declared at every start a handful is ever said. */
  readonly schema: () => z.ZodMiniType<Value>;
}

/** A setting that always has a value. */
export function setting<Value>(
  kind: ValueKind<Value>,
  defaultValue: NoInfer<Value>,
  description: string,
): LeafNode<Value> {
  return { kind: 'setting', description, defaultValue, ...kind };
}

/** A setting that may be left out; what holds then is said in its description. */
export function optional<Value>(kind: ValueKind<Value>, description: string): LeafNode<Value> {
  return { kind: 'setting', description, defaultValue: undefined, ...kind };
}

/** Settings that belong together. */
export function group<Shape extends Readonly<Record<string, SettingNode>>>(
  description: string,
  shape: Shape,
): GroupNode<Shape> {
  return { kind: 'group', description, shape, children: new Map(Object.entries(shape)) };
}

/** Entries of one shape by names of the user's. Whatever an entry may say, it may leave out. */
export function table<Entry extends GroupNode>(description: string, entry: Entry): TableNode<Entry> {
  return { kind: 'table', description, entry };
}

export const flag: ValueKind<boolean> = { schema: () => z.boolean(), expected: 'true or false' };

export function wholeNumber(from: number, to: number, unit?: string): ValueKind<number> {
  return {
    schema: () => z.int().check(z.gte(from), z.lte(to)),
    expected: `a whole number from ${from} to ${to}${unit ? ` (${unit})` : ''}`,
  };
}

export function numberBetween(from: number, to: number): ValueKind<number> {
  return { schema: () => z.number().check(z.gte(from), z.lte(to)), expected: `a number from ${from} to ${to}` };
}

export function oneOf<const Values extends readonly [string, ...string[]]>(
  ...values: Values
): ValueKind<Values[number]> {
  return { schema: () => z.enum(values), expected: `one of ${values.map((value) => `"${value}"`).join(', ')}` };
}

/** @param what completes "expected …", for example `a model's name`. */
export function text(what: string, longest: number, shortest = 1): ValueKind<string> {
  // A limit that nobody reaches by accident only makes the sentence longer.
  const limit = longest > 256 ? ` (at most ${longest} characters)` : '';
  return { schema: () => z.string().check(z.minLength(shortest), z.maxLength(longest)), expected: `${what}${limit}` };
}

export function orNull<Value>(kind: ValueKind<Value>): ValueKind<Value | null> {
  return { ...kind, schema: () => z.nullable(kind.schema()), expected: `${kind.expected}, or null`, nullable: true };
}

/** @param what names the elements in the plural. */
export function list<Value>(element: ValueKind<Value>, what: string, most: number): ValueKind<Value[]> {
  return {
    schema: () => z.array(element.schema()).check(z.maxLength(most)),
    expected: `a list of at most ${most} ${what}`,
    list: true,
  };
}

/** A list to which every layer adds; no layer can take away what another one excludes. */
export function growingList<Value>(element: ValueKind<Value>, what: string, most: number): ValueKind<Value[]> {
  return { ...list(element, what, most), grows: element.expected };
}

/** An address to which paths are added: nothing in it but scheme, host, port and path. */
export const baseAddress: ValueKind<string> = {
  schema: () =>
    z.string().check(
      z.maxLength(2048),
      z.regex(/^https?:\/\/[^\s?#@]+$/i),
      z.refine((address) => URL.canParse(address)),
    ),
  expected: 'an http or https address with no user name, query or fragment in it',
  secrecy: 'address',
};

/** A proxy's address; it may hold a user name and password. */
export const proxyAddress: ValueKind<string> = {
  schema: () =>
    z.string().check(
      z.maxLength(2048),
      z.regex(/^https?:\/\/[^\s?#]+$/i),
      z.refine((address) => URL.canParse(address)),
    ),
  expected: 'the http or https address of a proxy, for example "http://proxy.example:3128"',
  secrecy: 'address',
};

/** Where the user's own code is. Which layers may say it is decided where layers meet. */
export const modulePlace: ValueKind<string> = {
  schema: () =>
    z.string().check(
      z.maxLength(4096),
      z.refine((place) => isAbsolute(place) || (/^file:\/\/\//i.test(place) && URL.canParse(place))),
    ),
  expected: 'the absolute path or the file: URL of an ES module',
};

/** Names of entries in a table; no dots, so that a dotted path names one place. */
export const entryName: ValueKind<string> = {
  schema: () => z.string().check(z.maxLength(64), z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/)),
  expected: 'a name of at most 64 letters, digits, "-" and "_"',
};
