/** Values with something wrong in them: a good one of which one or two places were replaced by junk. */
import fc from 'fast-check';
import type { Json } from './server.ts';

type Path = readonly string[];

export function mutationsOf(value: Json): fc.Arbitrary<Json> {
  const mutation = fc.tuple(fc.constantFrom(...pathsOf(value)), junk);
  return fc
    .array(mutation, { minLength: 1, maxLength: 2 })
    .map((mutations) => mutations.reduce((before, [path, by]) => replaced(before, path, by), value));
}

const junk = fc.oneof(
  fc.constantFrom(undefined, null, true, '', '3', [], {}, [[]], [null], -1, 1.5, 2 ** 31, 2 ** 53, 1e300, -1e300),
  fc.constantFrom('x'.repeat(100_000), JSON.parse('{"__proto__": {"uri": "x"}}'), { uri: 7 }, { line: '1' }),
  fc.jsonValue({ maxDepth: 3 }),
);

function pathsOf(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]];
  const inner = Object.entries(value).flatMap(([name, one]) => pathsOf(one).map((path) => [name, ...path]));
  return [[], ...inner];
}

/** `undefined` takes away what is at the path; what lies behind a value that is no object any more is left alone. */
function replaced(value: Json, [name, ...rest]: Path, by: unknown): Json {
  if (name === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Json = Array.isArray(value) ? [...value] : { ...value };
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}
