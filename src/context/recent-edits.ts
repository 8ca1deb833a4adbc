/** Turns what was changed lately into small diffs, newest first, as far as they may be shown, say something and fit. */
import type { DocumentFeed, DocumentSnapshot, TextSnapshot } from '../domain/text.ts';
import type { ChangedLines } from './changed-lines.ts';
import { lineDiff } from './line-diff.ts';
import type { RedactedSlice } from './redact-slice.ts';
import { toLineFeeds } from './window.ts';

export interface EditChoice {
  /** Each begins with the path of its document; its lines begin with a space, `-` or `+`. */
  readonly edits: readonly string[];
  /** Bytes of UTF-8. */
  readonly bytes: number;
  readonly redactions: number;
}

export interface EditWishes {
  readonly changes: ReadonlyMap<string, readonly ChangedLines[]>;
  readonly documents: Pick<DocumentFeed, 'get'>;
  readonly now: number;
  /** Bytes all edits may take. */
  readonly room: number;
  /** Where the cursor is: what is near it is in the text around it already. Absent: nothing is left out for being near. */
  readonly cursor?: { readonly uri: string; readonly line: number };
  maySee(document: DocumentSnapshot): boolean;
  pathOf(uri: string): string;
  /** A part of a document as it may be shown. */
  read(text: TextSnapshot, start: number, end: number): RedactedSlice;
  /** A text that is in no document any more, likewise. */
  clean(text: string): RedactedSlice;
}

/** As GitHub Copilot's completion engine has them: edits, lines around each, lines from the cursor, milliseconds. */
const MAX_EDITS = 8;
const CONTEXT_LINES = 3;
const NEAR_CURSOR = 100;
/** What is still being written says nothing yet, and would make each prompt another one. */
const SETTLED_AFTER = 500;
/** UTF-16 code units of one edit with its context. */
const MAX_UNITS = 2_000;
/** Changes that are looked at; most of what says nothing is found before. */
const MAX_LOOKS = 32;

interface Place {
  readonly document: DocumentSnapshot;
  readonly change: ChangedLines;
}

export function chooseEdits(wishes: EditWishes): EditChoice {
  const edits: string[] = [];
  let bytes = 0;
  let redactions = 0;
  for (const place of settledPlaces(wishes).slice(0, MAX_LOOKS)) {
    if (edits.length === MAX_EDITS) break;
    const edit = render(place, wishes);
    const size = edit === undefined ? 0 : Buffer.byteLength(edit.text) + 1;
    if (edit === undefined || bytes + size > wishes.room) continue;
    edits.push(edit.text);
    bytes += size;
    redactions += edit.redactions;
  }
  return { edits, bytes, redactions };
}

/** Newest first. */
function settledPlaces({ changes, documents, now, cursor, maySee }: EditWishes): Place[] {
  const places: Place[] = [];
  for (const [uri, inDocument] of changes) {
    const document = documents.get(uri);
    if (document === undefined || !maySee(document)) continue;
    for (const change of inDocument) {
      const isNear = uri === cursor?.uri && linesBetween(change, cursor.line) <= NEAR_CURSOR;
      if (!change.secret && !isNear && now - change.at >= SETTLED_AFTER) places.push({ document, change });
    }
  }
  return places.sort((left, right) => right.change.at - left.change.at);
}

function linesBetween({ start, end }: ChangedLines, line: number): number {
  return Math.max(start - line, line - (end - 1), 0);
}

function render({ document, change }: Place, wishes: EditWishes): RedactedSlice | undefined {
  const from = Math.max(change.start - CONTEXT_LINES, 0);
  const to = Math.min(change.end + CONTEXT_LINES, document.text.lineCount);
  return (
    renderWithin(document, change, from, to, wishes) ?? renderWithin(document, change, change.start, change.end, wishes)
  );
}

/** With the lines `from` to `to` (not included); `undefined` where that is too long, or where nothing but white space changed. */
function renderWithin(
  { uri, text }: DocumentSnapshot,
  change: ChangedLines,
  from: number,
  to: number,
  { read, clean, pathOf }: EditWishes,
): RedactedSlice | undefined {
  const [start, end] = [text.lineStart(from), text.lineStart(to)];
  if (end - start > MAX_UNITS) return undefined;
  const now = read(text, start, end);
  const before = clean(change.before.join('\n'));
  const lines = toLineFeeds(now.text)
    .split('\n')
    .slice(0, to - from);
  const [above, below] = [lines.slice(0, change.start - from), lines.slice(change.end - from)];
  const old = change.before.length === 0 ? [] : before.text.split('\n');
  const changed = lines.slice(above.length, lines.length - below.length);
  if (withoutSpace(old) === withoutSpace(changed)) return undefined;
  const diff = lineDiff([...above, ...old, ...below], lines);
  const shown = `${pathOf(uri)}:\n${aroundChanges(diff).join('\n')}`;
  return shown.length > MAX_UNITS ? undefined : { text: shown, redactions: now.redactions + before.redactions };
}

function withoutSpace(lines: readonly string[]): string {
  return lines.join('').replace(/\s+/g, '');
}

/** The changes and a few lines around them, without blank ones at the edges. */
function aroundChanges(diff: readonly string[]): readonly string[] {
  const isChange = (line: string) => !line.startsWith(' ');
  const first = Math.max(diff.findIndex(isChange) - CONTEXT_LINES, 0);
  const near = diff.slice(first, diff.findLastIndex(isChange) + 1 + CONTEXT_LINES);
  const says = (line: string) => isChange(line) || line.trim() !== '';
  return near.slice(near.findIndex(says), near.findLastIndex(says) + 1);
}
