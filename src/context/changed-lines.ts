/** The places of one document that were changed lately, with what stood there before; moved along with every edit, never compared as texts. */
import type { TextSnapshot } from '../domain/text.ts';
import type { LineHunk } from './line-hunks.ts';
import { SECRET_REACH } from './redact.ts';

/** Lines `start` to `end` (not included) of the text as it is now, which were other lines before. */
export interface ChangedLines {
  readonly start: number;
  readonly end: number;
  /** Without line ends. */
  readonly before: readonly string[];
  /** When it was last edited, on the clock. */
  readonly at: number;
  /** Beside a private key, whose lines cannot be told once its first one is gone: it is never shown. */
  readonly secret: boolean;
}

/** What is bigger says less than it takes, and is not kept. */
export interface ChangeLimits {
  /** Lines before, and lines after. */
  readonly lines: number;
  /** UTF-16 code units of the lines before. */
  readonly units: number;
}

/** Unchanged lines between two changes that are still one. */
const MERGE_DISTANCE = 1;

/**
 * The changes after one more hunk, in the order of the lines. A change that grows beyond the limits begins anew with the
 * hunk. Costs what the hunk and the changes beside it hold, however long the document is.
 * @param old the text before the batch that the hunk belongs to; `moved` is how many lines the earlier hunks of the batch gained.
 */
export function withHunk(
  changes: readonly ChangedLines[],
  hunk: LineHunk,
  { old, moved, at, limits }: { old: TextSnapshot; moved: number; at: number; limits: ChangeLimits },
): ChangedLines[] {
  const start = hunk.oldStart + moved;
  const end = hunk.oldEnd + moved;
  const gained = hunk.newEnd - hunk.newStart - (end - start);
  const earlier = changes.filter((change) => start - change.end > MERGE_DISTANCE);
  const later = changes.filter((change) => change.start - end > MERGE_DISTANCE);
  const touched = changes.slice(earlier.length, changes.length - later.length);
  const secret = touched.some((change) => change.secret);

  /** What the lines from `first` to `last` were before the given changes, which lie in them. */
  function change(first: number, last: number, within: readonly ChangedLines[]): ChangedLines | undefined {
    if (last + gained - first > limits.lines) return undefined;
    const before = linesBefore(first, last, within);
    if (before === undefined) return undefined;
    const isNew = within.length === 0;
    return {
      start: first,
      end: last + gained,
      before,
      at,
      secret: secret || (isNew && isBesideKey(old, first - moved)),
    };
  }

  function linesBefore(first: number, last: number, within: readonly ChangedLines[]): string[] | undefined {
    const before: string[] = [];
    let line = first;
    for (const part of [...within, { start: last, end: last, before: [] }]) {
      const untouched = readLines(old, line - moved, part.start - moved, limits);
      if (untouched === undefined) return undefined;
      before.push(...untouched, ...part.before);
      line = part.end;
    }
    return fits(before, limits) ? before : undefined;
  }

  const first = Math.min(start, touched.at(0)?.start ?? start);
  const last = Math.max(end, touched.at(-1)?.end ?? end);
  const changed = change(first, last, touched) ?? change(start, end, []);
  return [
    ...earlier,
    ...(changed === undefined ? [] : [changed]),
    ...later.map((one) => ({ ...one, start: one.start + gained, end: one.end + gained })),
  ];
}

/** `undefined` where they are too many or too long, before any of their text is touched. */
function readLines(text: TextSnapshot, start: number, end: number, limits: ChangeLimits): string[] | undefined {
  if (end - start > limits.lines || text.lineStart(end) - text.lineStart(start) > limits.units) return undefined;
  return Array.from({ length: end - start }, (_, index) => copyOf(text.lineAt(start + index)));
}

function fits(lines: readonly string[], limits: ChangeLimits): boolean {
  const units = lines.reduce((sum, line) => sum + line.length, 0);
  return lines.length <= limits.lines && units <= limits.units;
}

/** A part of a string keeps all of it in memory: this one does not. */
function copyOf(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}

function isBesideKey(text: TextSnapshot, line: number): boolean {
  const offset = text.lineStart(line);
  return text.slice(offset - SECRET_REACH, offset + SECRET_REACH).includes('PRIVATE KEY');
}
