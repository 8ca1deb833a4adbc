/** Makes values of settings printable: whatever may be a key becomes a fingerprint, by which two keys can be told apart. */
import { fingerprint } from '../util/fingerprint.ts';
import type { Secrecy } from './setting.ts';

/** Longer printed values are cut: they go to logs and message boxes. Characters. */
const LONGEST_PRINTED = 200;

/** The value with every secret in it replaced; the same value where there is none. */
export function maskValue(value: unknown, secrecy: Secrecy | undefined): unknown {
  if (typeof value === 'string') return maskText(value, secrecy);
  if (typeof value !== 'object' || value === null) return value;
  if (secrecy === 'key' && isReference(value)) return value;
  if (secrecy === 'key' && 'command' in value) return { command: maskWords(value.command) };
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
  return looksLikeKey(name) ? masked(name) : cut(name);
}

function maskText(value: string, secrecy: Secrecy | undefined): string {
  if (secrecy === 'key' || secrecy === 'values') return value === '' ? value : masked(value);
  if (secrecy === 'address') return maskAddress(value);
  return looksLikeKey(value) ? masked(value) : value;
}

/** Hides user name, password, query and whatever else looks like a key, also in an address that is not well-formed. */
function maskAddress(address: string): string {
  return address
    .replace(/^([^/@]*\/\/)?([^/]*)@/, (_, scheme = '', user: string) => `${scheme}${masked(user)}@`)
    .replace(/[?#].*$/s, '?[secret]')
    .replaceAll(/(?<=[/.])[^/:@?]+/g, (part) => (looksLikeKey(part) ? '[secret]' : part));
}

/** The prefixes of the vendors' keys, or a long run of letters and digits such as no name has. */
export function looksLikeKey(value: string): boolean {
  const hasRun = (value.match(/[A-Za-z0-9+=]{28,}/g) ?? []).some((run) => /\d/.test(run) && /[A-Za-z]/.test(run));
  return hasRun || /\b(?:sk|pk|rk|gsk|xai|ghp|gho|hf|AIza)[-_A-Za-z0-9]{16,}/.test(value);
}

/** The name of a variable, or of a stored key, and nothing else. */
function isReference(value: object): boolean {
  const [[kind, name] = [], ...others] = Object.entries(value);
  if (others.length > 0 || typeof name !== 'string') return false;
  if (kind === 'stored') return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name) && !looksLikeKey(name);
  return kind === 'env' && /^[A-Z_][A-Z0-9_]{0,63}$/.test(name);
}

/** The program that is asked; what it is told may be anything. */
function maskWords(command: unknown): unknown {
  if (!Array.isArray(command)) return maskValue(command, 'values');
  return command.map((word, index) => maskValue(word, index === 0 ? undefined : 'key'));
}

function cut(line: string): string {
  return line.length <= LONGEST_PRINTED ? line : `${line.slice(0, LONGEST_PRINTED - 1)}…`;
}

function masked(secret: string): string {
  return `[secret sha256:${fingerprint(secret)}]`;
}
