/** Makes values of settings printable: whatever may be a key becomes a fingerprint, by which two keys can be told apart. */
import type { Secrecy } from './setting.ts';

/** Longer printed values are cut: they go to logs and message boxes. Characters. */
const LONGEST_PRINTED = 200;

/** The first eight hexadecimal digits of the SHA-256: enough to see a change, too little to guess a key from. */
export function fingerprint(secret: string): string {
  // Not imported: every start would load it, and most have no secret to show.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `[secret sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 8)}]`;
}

/** The value with every secret in it replaced; the same value where there is none. */
export function maskValue(value: unknown, secrecy: Secrecy | undefined): unknown {
  if (typeof value === 'string') return maskText(value, secrecy);
  if (typeof value !== 'object' || value === null) return value;
  if (secrecy === 'key' && isVariableReference(value)) return value;
  if (Array.isArray(value)) return value.map((element) => maskValue(element, secrecy));
  const inside = (key: string) => (secrecy === 'options' && key === 'options' ? 'values' : secrecy);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [maskName(key), maskValue(inner, inside(key))]),
  );
}

/** A masked value as one short line. */
export function printValue(value: unknown, secrecy: Secrecy | undefined): string {
  return cut(JSON.stringify(maskValue(value, secrecy)) ?? String(value));
}

/** A name that somebody else chose, for example an unknown setting: a key pasted in its place stays hidden. */
export function maskName(name: string): string {
  return looksLikeKey(name) ? fingerprint(name) : cut(name);
}

function maskText(value: string, secrecy: Secrecy | undefined): string {
  if (secrecy === 'key' || secrecy === 'values') return value === '' ? value : fingerprint(value);
  if (secrecy === 'address') return maskAddress(value);
  return looksLikeKey(value) ? fingerprint(value) : value;
}

/** Hides user name, password, query and whatever else looks like a key, also in an address that is not well-formed. */
function maskAddress(address: string): string {
  return address
    .replace(/^([^/@]*\/\/)?([^/]*)@/, (_, scheme = '', user: string) => `${scheme}${fingerprint(user)}@`)
    .replace(/[?#].*$/s, '?[secret]')
    .replaceAll(/(?<=[/.])[^/:@?]+/g, (part) => (looksLikeKey(part) ? '[secret]' : part));
}

/** The prefixes of the vendors' keys, or a long run of letters and digits such as no name has. */
export function looksLikeKey(value: string): boolean {
  const hasRun = (value.match(/[A-Za-z0-9+=]{28,}/g) ?? []).some((run) => /\d/.test(run) && /[A-Za-z]/.test(run));
  return hasRun || /\b(?:sk|pk|rk|gsk|xai|ghp|gho|hf|AIza)[-_A-Za-z0-9]{16,}/.test(value);
}

function isVariableReference(value: object): boolean {
  const keys = Object.keys(value);
  return (
    keys.length === 1 && 'env' in value && typeof value.env === 'string' && /^[A-Z_][A-Z0-9_]{0,63}$/.test(value.env)
  );
}

function cut(line: string): string {
  return line.length <= LONGEST_PRINTED ? line : `${line.slice(0, LONGEST_PRINTED - 1)}…`;
}
