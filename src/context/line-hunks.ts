/** Says which lines a batch of edits replaced, one hunk for each place; apart because edits come as offsets into texts that are gone. */
import type { AppliedEdit, TextSnapshot } from '../domain/text.ts';

/** Lines `oldStart` to `oldEnd` (not included) of the text before became `newStart` to `newEnd` of the text after. */
export interface LineHunk {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** The same in offsets. */
type Stretch = LineHunk;

/** More edits at once are the work of a program, and each is compared with those before it. */
const MAX_EDITS = 256;

/**
 * In the order of the lines, none overlapping; `undefined` where the lines cannot be told.
 * @param edits in the order applied, each in the coordinates of the text before it.
 */
export function lineHunks(
  before: TextSnapshot,
  after: TextSnapshot,
  edits: readonly AppliedEdit[],
): readonly LineHunk[] | undefined {
  if (edits.length > MAX_EDITS) return undefined;
  const hunks: LineHunk[] = [];
  for (const stretch of stretchesOf(edits)) {
    const hunk = {
      oldStart: before.positionAt(stretch.oldStart).line,
      oldEnd: before.positionAt(stretch.oldEnd).line + 1,
      newStart: after.positionAt(stretch.newStart).line,
      newEnd: after.positionAt(stretch.newEnd).line + 1,
    };
    const last = hunks.at(-1);
    if (last === undefined || hunk.oldStart >= last.oldEnd) hunks.push(hunk);
    else hunks[hunks.length - 1] = { ...last, oldEnd: hunk.oldEnd, newEnd: hunk.newEnd };
  }
  // Two halves of a `\r\n` that meet or part make or end a line that no edit holds.
  const gained = hunks.reduce(
    (sum, { oldStart, oldEnd, newStart, newEnd }) => sum + newEnd - newStart - oldEnd + oldStart,
    0,
  );
  return gained === after.lineCount - before.lineCount ? hunks : undefined;
}

function stretchesOf(edits: readonly AppliedEdit[]): readonly Stretch[] {
  let stretches: Stretch[] = [];
  for (const edit of edits) stretches = withEdit(stretches, edit);
  return stretches;
}

/** Takes one more edit in; what it touches becomes one with it, what lies behind it moves. */
function withEdit(stretches: readonly Stretch[], { start, end, text }: AppliedEdit): Stretch[] {
  const gained = text.length - (end - start);
  const earlier = stretches.filter(({ newEnd }) => newEnd < start);
  const later = stretches.filter(({ newStart }) => newStart > end);
  const touched = stretches.slice(earlier.length, stretches.length - later.length);
  const [first, last] = [touched.at(0), touched.at(-1)];
  const begin = Math.min(start, first?.newStart ?? start);
  const finish = Math.max(end, last?.newEnd ?? end);
  // Between two stretches the old text is the new one, moved by what the stretches before it gained.
  const oldStart = begin - movedBy(earlier.at(-1));
  const oldEnd = finish - movedBy(last ?? earlier.at(-1));
  return [
    ...earlier,
    { oldStart, oldEnd, newStart: begin, newEnd: finish + gained },
    ...later.map((one) => ({ ...one, newStart: one.newStart + gained, newEnd: one.newEnd + gained })),
  ];
}

function movedBy(stretch: Stretch | undefined): number {
  return stretch === undefined ? 0 : stretch.newEnd - stretch.oldEnd;
}
