/** Says which lines an edit touched, from edits in offsets: the engine learns by whole lines. */
import type { AppliedEdit, TextSnapshot } from '../../domain/text.ts';
import type { LineChange } from './open-document.ts';

/**
 * The one stretch of lines that holds all the edits that turned `before` into `after`.
 * @param edits in the order applied, each in the coordinates of the text before it.
 */
export function lineChangeOf(before: TextSnapshot, after: TextSnapshot, edits: readonly AppliedEdit[]): LineChange {
  const { start, oldEnd, newEnd } = spanOf(edits);
  return {
    startLine: before.positionAt(start).line,
    oldEndLine: before.positionAt(oldEnd).line + 1,
    newEndLine: after.positionAt(newEnd).line + 1,
  };
}

/** Units `start`…`oldEnd` of the text before all edits became `start`…`newEnd` of the text after them. */
function spanOf(edits: readonly AppliedEdit[]): { start: number; oldEnd: number; newEnd: number } {
  const [first] = edits;
  if (first === undefined) return { start: 0, oldEnd: 0, newEnd: 0 };
  let { start, end: oldEnd, end: newEnd } = first;
  for (const edit of edits) {
    start = Math.min(start, edit.start);
    if (edit.end > newEnd) {
      oldEnd += edit.end - newEnd;
      newEnd = edit.end;
    }
    newEnd += edit.text.length - (edit.end - edit.start);
  }
  return { start, oldEnd, newEnd };
}
