/** The rule files of other AI tools in a workspace: whoever told one assistant to keep out means this one too. */
import type { Log } from '../domain/ports.ts';
import type { LocalFiles } from '../util/local-files.ts';
import { slashedPath } from './document-place.ts';
import { pathsBelow } from './relative-path.ts';

export interface RuleFile {
  /** For example `.cursorignore`. */
  readonly name: string;
  /** Gitignore patterns, relative to the folder of the file. */
  readonly patterns: readonly string[];
}

const names: readonly string[] = [
  '.aiexclude',
  '.aiignore',
  '.aiderignore',
  '.augmentignore',
  '.clineignore',
  '.codeiumignore',
  '.continueignore',
  '.copilotignore',
  '.cursorignore',
  '.geminiignore',
  '.rooignore',
  '.tabnineignore',
];

/** Larger files, longer lists and longer lines are not rules but an attempt to keep the server busy. */
const MAX_BYTES = 64 * 1024;
const MAX_PATTERNS = 1_000;
const MAX_PATTERN = 512;
const EVERYTHING: readonly string[] = ['**'];
/** Each `**` in the middle of a pattern multiplies its cost by the depth of the path: four took a second at depth 120. */
const MAX_DEEP_WILDCARDS = 2;

export function isRuleFile(path: string): boolean {
  return names.includes(path.slice(path.lastIndexOf('/') + 1));
}

/**
 * What lies in one folder of a root. A file that leads out of the root, is no file or is too big excludes everything there,
 * and that is logged: rules that cannot be read must not be taken for none.
 */
export function readRuleFiles(folder: string, root: string, files: LocalFiles, log: Log): RuleFile[] {
  const found: RuleFile[] = [];
  for (const name of names) {
    const path = files.realPath(`${folder}/${name}`);
    if (path === undefined) continue;
    const text = pathsBelow(slashedPath(path), [root]).length > 0 ? files.readText(path, MAX_BYTES) : undefined;
    if (text === undefined) {
      log.warn(
        `${name} excludes its whole folder: it is no file of at most ${MAX_BYTES} bytes inside its workspace root`,
      );
    }
    found.push({ name, patterns: text === undefined ? EVERYTHING : patternsOf(name, text) });
  }
  return found;
}

function patternsOf(name: string, text: string): string[] {
  // An empty .aiexclude excludes everything, and that format has no exceptions.
  if (name === '.aiexclude' && text.trim() === '') return [...EVERYTHING];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n?|\n/);
  if (lines.length > MAX_PATTERNS) return [...EVERYTHING];
  return lines.filter((line) => name !== '.aiexclude' || !line.startsWith('!')).map(boundPattern);
}

/** A pattern that is too costly is cut to its cheap beginning: it then excludes more, never less. */
export function boundPattern(pattern: string): string {
  const deep = [...pattern.slice(0, MAX_PATTERN).matchAll(/\*\*/g)][MAX_DEEP_WILDCARDS];
  if (deep === undefined && pattern.length <= MAX_PATTERN) return pattern;
  if (pattern.startsWith('!')) return '';
  return deep === undefined ? `${pattern.slice(0, MAX_PATTERN)}*` : `${pattern.slice(0, deep.index)}**`;
}
