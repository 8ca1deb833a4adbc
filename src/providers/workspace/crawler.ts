/**
 * Reads the source files of a workspace, the nearest to the open documents first. It follows no link, so
 * that nothing outside the roots is read, and it blocks: it is meant for a thread of its own.
 */
import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { type IgnoreRules, isIgnored, relativeName, rulesAtRoot, rulesIn } from './ignore-files.ts';
import { LEARNT_OF_LINE } from './lexer.ts';
import { isSkippedFile, isSkippedFolder } from './skip-rules.ts';

/** What is read, and how much. */
export interface CrawlOptions {
  /** Absolute paths of the workspace's folders. */
  readonly roots: readonly string[];
  /** Absolute paths, usually of open documents: files near them are read first. */
  readonly near?: readonly string[];
  /** Patterns of files to leave out, in the notation of ignore files, relative to each root. */
  readonly exclude?: readonly string[];
  /** Bytes read in all; {@link BYTE_BUDGET} when left out. */
  readonly byteBudget?: number;
  /** Folder entries looked at; {@link ENTRY_BUDGET} when left out. */
  readonly entryBudget?: number;
}

/** Accuracy hardly grows beyond 32 MB of source, while memory does. */
export const BYTE_BUDGET = 32 * 1024 * 1024;
export const ENTRY_BUDGET = 200_000;
/** Larger files, in bytes, are data or generated. */
export const LARGEST_FILE = 400_000;
/** Bytes at a file's start that are searched for a NUL, which no text has. */
const BINARY_PROBE = 8192;
const DEEPEST = 40;

/** The paths of the files worth reading, the nearest first. */
export function listFiles(options: CrawlOptions): string[] {
  const walk: Walk = {
    files: [],
    left: options.entryBudget ?? ENTRY_BUDGET,
    excluded: ignore({ allowRelativePaths: true }).add([...(options.exclude ?? [])]),
  };
  for (const root of new Set(options.roots)) walkFolder(walk, root, root, rulesAtRoot(root), 0);
  const near = (options.near ?? []).map((path) => dirname(path).split(sep));
  const folders = new Map<string, number>();
  const distanceOf = (path: string): number => {
    const folder = dirname(path);
    let distance = folders.get(folder);
    if (distance === undefined) {
      distance = nearestDistance(folder.split(sep), near);
      folders.set(folder, distance);
    }
    return distance;
  };
  const order = new Map([...new Set(walk.files)].map((path) => [path, distanceOf(path)]));
  return [...order].sort(byDistanceThenName).map(([path]) => path);
}

function byDistanceThenName(one: [string, number], other: [string, number]): number {
  if (one[1] !== other[1]) return one[1] - other[1];
  return one[0] < other[0] ? -1 : 1;
}

/** The text of a file worth learning from, or undefined for binary, huge, minified and unreadable ones. */
export function readSource(path: string): string | undefined {
  const bytes = readBounded(path);
  if (bytes === undefined || bytes.subarray(0, BINARY_PROBE).includes(0)) return undefined;
  const text = bytes.toString('utf8');
  return hasLongLine(text) ? undefined : text;
}

/** Steps from one folder to the nearest other; the depth of the folder when there is none. */
function nearestDistance(folder: readonly string[], near: readonly (readonly string[])[]): number {
  let nearest = near.length === 0 ? folder.length : Number.POSITIVE_INFINITY;
  for (const other of near) {
    let common = 0;
    while (common < folder.length && folder[common] === other[common]) common++;
    nearest = Math.min(nearest, folder.length + other.length - 2 * common);
  }
  return nearest;
}

interface Walk {
  readonly files: string[];
  left: number;
  /** Patterns that no ignore file overrules. */
  readonly excluded: Ignore;
}

function walkFolder(walk: Walk, root: string, folder: string, outer: IgnoreRules | undefined, depth: number): void {
  if (depth > DEEPEST) return;
  const rules = depth === 0 ? outer : rulesIn(folder, outer);
  for (const entry of entriesOf(folder)) {
    if (--walk.left < 0) return;
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory();
    if (!isFolder && !entry.isFile()) continue;
    if (isFolder ? isSkippedFolder(entry.name) : isSkippedFile(entry.name)) continue;
    if (isIgnored(rules, path, isFolder) || walk.excluded.ignores(relativeName(root, path, isFolder))) continue;
    if (isFolder) walkFolder(walk, root, path, rules, depth + 1);
    else walk.files.push(path);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readBounded(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    // A link put here since the folder was listed is not followed, and a pipe does not block.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > LARGEST_FILE) return undefined;
    const bytes = Buffer.allocUnsafe(stat.size);
    const read = readSync(file, bytes, 0, stat.size, 0);
    return bytes.subarray(0, read);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether a line is so long that the file must be minified or generated. */
function hasLongLine(text: string): boolean {
  let start = 0;
  while (start <= text.length) {
    const end = text.indexOf('\n', start);
    if ((end < 0 ? text.length : end) - start > LEARNT_OF_LINE) return true;
    if (end < 0) return false;
    start = end + 1;
  }
  return false;
}
