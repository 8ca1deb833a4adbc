/** Remembers what was changed lately in the open documents, a few lines for each place; nothing here is ever shown as it is. */
import type { Clock } from '../domain/ports.ts';
import type { AppliedEdit, DocumentFeed, DocumentSnapshot, TextSnapshot } from '../domain/text.ts';
import { type ChangedLines, type ChangeLimits, withHunk } from './changed-lines.ts';
import { lineHunks } from './line-hunks.ts';

export interface EditRecorder {
  /** By document; the document that was edited last comes last. */
  changes(): ReadonlyMap<string, readonly ChangedLines[]>;
  forget(uri: string): void;
  dispose(): void;
}

export interface EditRecorderOptions {
  readonly documents: DocumentFeed;
  readonly clock: Clock;
  /** Whether anything of the document may be kept. Asked at every edit. */
  mayRecord(document: DocumentSnapshot): boolean;
}

/** As GitHub Copilot's completion engine has them. All that is kept is at most 20 × 8 × 2,000 code units. */
const MAX_DOCUMENTS = 20;
const MAX_CHANGES = 8;
export const changeLimits: ChangeLimits = { lines: 10, units: 2_000 };

/**
 * What was changed in a document is forgotten when it is closed: from then on others may change the file, and text of
 * documents that are not open is kept nowhere.
 */
export function createEditRecorder({ documents, clock, mayRecord }: EditRecorderOptions): EditRecorder {
  const byDocument = new Map<string, readonly ChangedLines[]>();

  function keep(uri: string, changes: readonly ChangedLines[]): void {
    byDocument.delete(uri);
    if (changes.length === 0) return;
    byDocument.set(uri, newest(changes));
    const oldest = byDocument.keys().next();
    if (byDocument.size > MAX_DOCUMENTS && oldest.value !== undefined) byDocument.delete(oldest.value);
  }

  const dispose = documents.observe({
    didOpen: () => undefined,
    didChange(before, after, edits) {
      const changes = mayRecord(after) ? (byDocument.get(after.uri) ?? []) : undefined;
      if (changes === undefined) byDocument.delete(after.uri);
      else keep(after.uri, withEdits(changes, before.text, after.text, edits, clock.now()));
    },
    didClose: (uri) => void byDocument.delete(uri),
    didSave: () => undefined,
  });

  return { changes: () => byDocument, forget: (uri) => void byDocument.delete(uri), dispose };
}

function withEdits(
  known: readonly ChangedLines[],
  before: TextSnapshot,
  after: TextSnapshot,
  edits: readonly AppliedEdit[],
  at: number,
): readonly ChangedLines[] {
  const place = placeOfTyping(known, before, after, edits);
  if (place !== undefined) return known.map((change) => (change === place ? { ...change, at } : change));
  const hunks = lineHunks(before, after, edits);
  let changes = hunks === undefined ? [] : known;
  let moved = 0;
  for (const hunk of hunks ?? []) {
    changes = withHunk(changes, hunk, { old: before, moved, at, limits: changeLimits });
    moved += hunk.newEnd - hunk.newStart - (hunk.oldEnd - hunk.oldStart);
  }
  return changes;
}

/** Nearly every edit is one more letter in a line that was changed before: then no line comes, goes or has to be copied. */
function placeOfTyping(
  changes: readonly ChangedLines[],
  before: TextSnapshot,
  after: TextSnapshot,
  edits: readonly AppliedEdit[],
): ChangedLines | undefined {
  const [edit] = edits;
  if (edit === undefined || edits.length > 1 || /[\r\n]/.test(edit.text)) return undefined;
  if (before.lineCount !== after.lineCount || changes.length === 0) return undefined;
  const { line } = after.positionAt(edit.start);
  return changes.find(({ start, end }) => line >= start && line < end);
}

/** Those edited last, in the order of the lines. */
function newest(changes: readonly ChangedLines[]): readonly ChangedLines[] {
  if (changes.length <= MAX_CHANGES) return changes;
  const kept = new Set(changes.toSorted((left, right) => right.at - left.at).slice(0, MAX_CHANGES));
  return changes.filter((change) => kept.has(change));
}
