/** The words a setting is declared with: kinds of values, and what a person is told about them. */
import * as z from 'zod/mini';

// Compiling checks takes longer than settings ever take to be checked, and start-up is when it would happen.
z.config({ jitless: true });

/** How much of a value may be shown: a whole key, the values of a table, or the user part of an address is masked. */
export type Secrecy = 'key' | 'values' | 'address';

export interface SettingFacts {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  readonly secrecy?: Secrecy;
  /** `union`: every layer adds to the list. Otherwise the last layer that says something wins. */
  readonly merge?: 'union';
}

/** What the schema library does not keep for us, by the schema it belongs to. A schema found here is one setting. */
export const settingFacts = z.registry<SettingFacts>();

export interface ValueKind<Schema extends z.ZodMiniType> extends SettingFacts {
  readonly schema: Schema;
}

/** A setting that always has a value. */
export function setting<Schema extends z.ZodMiniType>(
  kind: ValueKind<Schema>,
  defaultValue: z.core.util.NoUndefined<z.output<Schema>>,
  description: string,
): z.ZodMiniDefault<Schema> {
  return remember(z._default(kind.schema, defaultValue), kind, description);
}

/** A setting that may be left out; what holds then is said in its description. */
export function optional<Schema extends z.ZodMiniType>(
  kind: ValueKind<Schema>,
  description: string,
): z.ZodMiniExactOptional<Schema> {
  return remember(z.exactOptional(kind.schema), kind, description);
}

/** Settings that belong together. */
export function group<Shape extends z.core.$ZodLooseShape>(description: string, shape: Shape) {
  return described(z.strictObject(shape), { description });
}

/** Registers the schema itself: the library's own way to describe one copies it, which start-up would pay for. */
export function described<Schema extends z.ZodMiniType>(schema: Schema, meta: z.core.GlobalMeta): Schema {
  z.globalRegistry.add(schema, meta);
  return schema;
}

function remember<Schema extends z.ZodMiniType>(
  schema: Schema,
  { expected, secrecy, merge }: SettingFacts,
  description: string,
): Schema {
  described(schema, { description });
  settingFacts.add(schema, { expected, ...(secrecy && { secrecy }), ...(merge && { merge }) });
  return schema;
}

export const flag: ValueKind<z.ZodMiniBoolean> = { schema: z.boolean(), expected: 'true or false' };

export function wholeNumber(from: number, to: number, unit?: string): ValueKind<z.ZodMiniNumberFormat> {
  return {
    schema: z.int().check(z.gte(from), z.lte(to)),
    expected: `a whole number from ${from} to ${to}${unit ? ` (${unit})` : ''}`,
  };
}

export function numberBetween(from: number, to: number): ValueKind<z.ZodMiniNumber> {
  return { schema: z.number().check(z.gte(from), z.lte(to)), expected: `a number from ${from} to ${to}` };
}

export function oneOf<const Values extends readonly [string, ...string[]]>(
  ...values: Values
): ValueKind<z.ZodMiniEnum<{ [Value in Values[number]]: Value }>> {
  return { schema: z.enum(values), expected: `one of ${values.map((value) => `"${value}"`).join(', ')}` };
}

/** @param what completes "expected …", for example `a model's name`. */
export function text(what: string, longest: number, shortest = 1): ValueKind<z.ZodMiniString> {
  // A limit that nobody reaches by accident only makes the sentence longer.
  const limit = longest > 256 ? ` (at most ${longest} characters)` : '';
  return { schema: z.string().check(z.minLength(shortest), z.maxLength(longest)), expected: `${what}${limit}` };
}

export function orNull<Schema extends z.ZodMiniType>(kind: ValueKind<Schema>): ValueKind<z.ZodMiniNullable<Schema>> {
  return { ...kind, schema: z.nullable(kind.schema), expected: `${kind.expected}, or null` };
}

/** @param what names the elements in the plural. */
export function list<Schema extends z.ZodMiniType>(
  element: ValueKind<Schema>,
  what: string,
  most: number,
): ValueKind<z.ZodMiniArray<Schema>> {
  return { schema: z.array(element.schema).check(z.maxLength(most)), expected: `a list of at most ${most} ${what}` };
}

/** A list to which every layer adds; no layer can take away what another one excludes. */
export function growingList<Schema extends z.ZodMiniType>(
  element: ValueKind<Schema>,
  what: string,
  most: number,
): ValueKind<z.ZodMiniArray<Schema>> {
  return { ...list(element, what, most), merge: 'union' };
}

/** An address to which paths are added: nothing in it but scheme, host, port and path. */
export const baseAddress: ValueKind<z.ZodMiniString> = {
  schema: z.string().check(
    z.maxLength(2048),
    z.regex(/^https?:\/\/[^\s?#@]+$/i),
    z.refine((address) => URL.canParse(address)),
  ),
  expected: 'an http or https address with no user name, query or fragment in it',
  secrecy: 'address',
};

/** A proxy's address; it may hold a user name and password. */
export const proxyAddress: ValueKind<z.ZodMiniString> = {
  schema: z.string().check(
    z.maxLength(2048),
    z.regex(/^https?:\/\/[^\s?#]+$/i),
    z.refine((address) => URL.canParse(address)),
  ),
  expected: 'the http or https address of a proxy, for example "http://proxy.example:3128"',
  secrecy: 'address',
};

/** Names of entries in a table; no dots, so that a dotted path names one place. */
export const entryName = z.string().check(z.maxLength(64), z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/));
export const expectedEntryName = 'a name of at most 64 letters, digits, "-" and "_"';
