/** One text for one value: JSON whose objects have their keys in order, so that equal data is equal text. */

/** `undefined` members count as absent, as in JSON. What is no JSON keeps its own mark, so that it equals only itself. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return canonicalObject(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  return String(value);
}

/** One loop, because a key is made for every request: a list for each step would take as long again. */
function canonicalObject(object: object): string {
  const members = object as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
