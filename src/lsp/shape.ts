/** Says what params must look like, and where they do not: small enough to ask at every keystroke, unlike a schema library. */

/** The first mistake in a value. */
export interface Mistake {
  /** For example `position.line`; empty for the value as a whole. */
  readonly path: string;
  /** Completes "expected …". */
  readonly expected: string;
  readonly got: string;
}

/** `undefined` where the value is as it must be. What is not named in a shape may be anything. */
export type Shape = (value: unknown) => Mistake | undefined;

function shape(expected: string, isRight: (value: unknown) => boolean): Shape {
  return (value) => (isRight(value) ? undefined : { path: '', expected, got: inWords(value) });
}

export const text = shape('text', (value) => typeof value === 'string');
export const number = shape('a number', (value) => typeof value === 'number');
/** Editors name the end of a document by the largest number they know, which is more than LSP allows. */
export const count = shape('a whole number from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0);
export const token = shape('a number or text', (value) => typeof value === 'number' || typeof value === 'string');
export const anObject = shape('an object', isObject);

/** `null` too: several clients send it for what they do not have. */
export function optional(inner: Shape): Shape {
  return (value) => (value === undefined || value === null ? undefined : inner(value));
}

/** The mistake of the first, where the value is neither. */
export function either(first: Shape, second: Shape): Shape {
  return (value) => (second(value) === undefined ? undefined : first(value));
}

export function listOf(element: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return { path: '', expected: 'a list', got: inWords(value) };
    for (let index = 0; index < value.length; index += 1) {
      const mistake = element(value[index]);
      if (mistake !== undefined) return within(`[${index}]`, mistake);
    }
    return undefined;
  };
}

export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const names = Object.keys(fields);
  return (value) => {
    if (!isObject(value)) return anObject(value);
    for (const name of names) {
      const mistake = fields[name]?.(value[name]);
      if (mistake !== undefined) return within(name, mistake);
    }
    return undefined;
  };
}

/** A sentence for an error or the log; it holds nothing of the value but numbers. */
export function describeMistake(method: string, { path, expected, got }: Mistake): string {
  return `${method}: expected ${expected}${path === '' ? '' : ` as ${path}`}; got ${got}.`;
}

function within(name: string, { path, ...rest }: Mistake): Mistake {
  return { path: path === '' || path.startsWith('[') ? name + path : `${name}.${path}`, ...rest };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'string') return 'text';
  return Array.isArray(value) ? 'a list' : 'an object';
}
