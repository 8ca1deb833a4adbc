/** Which patterns may exclude files; apart because one that matches nothing protects nothing, and nobody would notice. */
import * as z from 'zod/mini';
import type { ValueKind } from './setting.ts';

/** What looks like a pattern and is none: an exception, a comment, a path that is relative to something else, an address, nothing at all. */
const NO_PATTERN = String.raw`(?![!#~]|\.\.?(?:\/|$)|[\s/]*$|[A-Za-z][A-Za-z0-9+.-]*:\/)`;
/** What shells know and gitignore files do not: `..`, `{a,b}`, `@(a|b)`. */
const NOT_IN_GITIGNORE = String.raw`(?!.*\/\.\.?(?:\/|$))(?!.*\{[^{}]*,)(?!.*[@?*+!]\([^()]*\|)`;
/** Characters, escapes of what means something else, and sets in brackets that are closed. */
const PARTS = String.raw`(?:[^[\\\p{Cc}]|\\[!#*?{}[\]\\ ]|\[(?:[^\]\\\p{Cc}]|\\[^\p{Cc}])+\])*`;

export const exclusionPattern: ValueKind<string> = {
  schema: () =>
    z.string().check(z.maxLength(1024), z.regex(new RegExp(`^${NO_PATTERN}${NOT_IN_GITIGNORE}${PARTS}$`, 'u'))),
  expected:
    'a pattern as in a gitignore file: not empty, "/" between folders, brackets closed, no "!", "#", "~", "./" or "../" at its beginning, no "{a,b}"',
};
