/** The lines an action means when nothing is selected: the block around the cursor, told by indentation alone. */
import type { DocumentSnapshot, Range } from '../domain/text.ts';

/** A larger block is not what somebody points at with a cursor. */
const LONGEST_BLOCK = 200;

export function blockAround({ text }: DocumentSnapshot, cursorLine: number): Range {
  const last = text.lineCount - 1;
  const at = (line: number) => text.lineAt(line);
  const line = Math.min(cursorLine, last);
  let first = line;
  const inner = depth(at(line));
  for (let above = line - 1; inner > 0 && above >= 0 && line - above < LONGEST_BLOCK; above -= 1) {
    if (depth(at(above)) >= inner) continue;
    first = above;
    break;
  }
  const outer = depth(at(first));
  let end = line;
  for (let below = line + 1; below <= last && below - first < LONGEST_BLOCK; below += 1) {
    if (depth(at(below)) > outer) {
      if (at(below).trim() !== '') end = below;
      continue;
    }
    if (/^\s*(?:[)\]}]|end\b)/.test(at(below))) end = below;
    break;
  }
  return { start: { line: first, character: 0 }, end: { line: end, character: at(end).length } };
}

/** Blank lines belong to whatever surrounds them. */
function depth(line: string): number {
  return line.trim() === '' ? Number.POSITIVE_INFINITY : line.length - line.trimStart().length;
}
