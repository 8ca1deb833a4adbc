/** The ignore files in force in each folder: nested ones, those above the root, and the repository's own. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Names of the files whose patterns are respected, the later ones last. */
const NAMES = ['.gitignore', '.ignore', '.inklingignore'];
/** Ignore files larger than this many bytes are damaged or hostile. */
const LARGEST = 200_000;
/** Folders above a root that are searched for the repository it belongs to. */
const HIGHEST = 20;

/** The rules of one folder, and of the folders around it. */
export interface IgnoreRules {
  readonly folder: string;
  readonly own: Ignore;
  readonly outer: IgnoreRules | undefined;
}

/** The rules in force at a root: those of the folders between the repository's top and it count too. */
export function rulesAtRoot(root: string): IgnoreRules | undefined {
  let rules: IgnoreRules | undefined;
  for (const folder of [...foldersFromRepository(root), root]) rules = rulesIn(folder, rules);
  return rules;
}

/** A path as patterns see it: from their folder on, with slashes, one at the end of folders. */
export function relativeName(folder: string, path: string, isFolder: boolean): string {
  const name = relative(folder, path).split(sep).join('/');
  return isFolder ? `${name}/` : name;
}

/** Adds the rules of a folder to those around it. */
export function rulesIn(folder: string, outer: IgnoreRules | undefined): IgnoreRules | undefined {
  const texts = NAMES.map((name) => readIfSmall(join(folder, name)));
  if (exists(join(folder, '.git'))) texts.push(readIfSmall(join(folder, '.git', 'info', 'exclude')));
  const known = texts.filter((text) => text !== undefined);
  if (known.length === 0) return outer;
  const own = ignore({ allowRelativePaths: true });
  for (const text of known) own.add(text);
  return { folder, own, outer };
}

/** Whether a path is ignored; a rule nearer to it overrules the ones farther out. */
export function isIgnored(rules: IgnoreRules | undefined, path: string, isFolder: boolean): boolean {
  for (let at = rules; at !== undefined; at = at.outer) {
    const { ignored, unignored } = at.own.test(relativeName(at.folder, path, isFolder));
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

/** The folders above a root up to its repository's top, the top first; none when it is in no repository. */
function foldersFromRepository(root: string): string[] {
  const folders: string[] = [];
  let folder = root;
  for (let height = 0; height < HIGHEST; height++) {
    if (exists(join(folder, '.git'))) return folders;
    const above = dirname(folder);
    if (above === folder) return [];
    folders.unshift(above);
    folder = above;
  }
  return [];
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function readIfSmall(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size <= LARGEST ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
