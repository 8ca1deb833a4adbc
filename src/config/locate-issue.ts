/** Finds where in the text of a settings file an issue is, as compilers say it; apart because only people at a terminal ask. */
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import type { SettingsIssue } from './issue.ts';

/** Both 1-based; columns in UTF-16 code units. */
export interface FilePlace {
  readonly line: number;
  readonly column: number;
}

/**
 * The place of what the issue names, or of the nearest thing around it that the file says; `undefined` where that is not in
 * the file. `profile` is the one in force.
 */
export function locateIssue(
  { path, layer, got }: SettingsIssue,
  file: string,
  profile: string | undefined,
): FilePlace | undefined {
  if (path === '') return placeInWords(got);
  const text = file.replace(/^\uFEFF/, '');
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (tree === undefined) return undefined;
  // A name with dots in it is one that nobody declared, but it has its place.
  const segments = findNodeAtLocation(tree, [path]) === undefined ? path.split('.') : [path];
  const inProfile = layer === 'profile' && profile !== undefined ? ['profiles', profile, ...segments] : undefined;
  const node = (inProfile && nearestNode(tree, inProfile, 2)) ?? nearestNode(tree, segments, 0);
  return node && placeOf(text, node.parent?.type === 'property' ? node.parent.offset : node.offset);
}

/** What cannot be read at all has its place in its description. */
function placeInWords(got: string): FilePlace | undefined {
  const [, line, column] = /\bat (\d+):(\d+)/.exec(got) ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}

/** Shortens the path from its end until something is there, but not to fewer segments than `least`. */
function nearestNode(tree: Node, path: readonly string[], least: number): Node | undefined {
  for (let length = path.length; length > least; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return undefined;
}

function placeOf(text: string, offset: number): FilePlace {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
