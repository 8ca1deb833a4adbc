/** One text for one value: objects have their keys in order, so that equal data is equal text and no other. It is hashed, never read. */

/** `undefined` members count as absent, as in JSON. What is no JSON keeps its own mark. `without`: members of `value` itself that do not count. */
export function canonicalText(value: unknown, without: readonly string[] = []): string {
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map((element) => canonicalText(element)).join(',')}]`;
  if (typeof value === 'object' && value !== null) return canonicalObject(value, without);
  return String(value);
}

/** Its length says where it ends: to escape a prompt as JSON does would take longer than all the rest. */
function canonicalString(text: string): string {
  return `${text.length}"${text}`;
}

/** One loop, because a key is made for every request: a list for each step would take as long again. */
function canonicalObject(object: object, without: readonly string[]): string {
  const members = object as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member === undefined || without.includes(name)) continue;
    text += `${canonicalString(name)}:${canonicalText(member)},`;
  }
  return `{${text}}`;
}
