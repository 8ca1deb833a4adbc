/** The open documents as the editor describes them: the only place where a document's text changes. */
import type { Log } from '../domain/ports.ts';
import type { AppliedEdit, DocumentFeed, DocumentObserver, DocumentSnapshot, Range } from '../domain/text.ts';
import { TextBuffer } from '../util/text-buffer.ts';
import { lineEndingOf } from './line-ending.ts';

export interface DocumentToOpen {
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly text: string;
}

/** As the editor sends it: a replaced range, or the whole new text where there is no range. */
export interface ContentChange {
  readonly range?: Range | undefined;
  readonly text: string;
}

/**
 * `stale`: refused, and the document is dirty from now on. `unknown`: no such document is open.
 */
export type ChangeOutcome = 'applied' | 'stale' | 'unknown';

/**
 * A document is dirty when its text is known to differ from the editor's: a version went backwards, or a change was too
 * big or made no sense. `get` and `recent` leave it out until a change brings the full text or it is opened again, so that nobody
 * answers for text that is not there.
 */
export interface DocumentStore extends DocumentFeed {
  /** Opening an open document replaces it. False when the documents would take too much memory. */
  open(document: DocumentToOpen): boolean;
  /** Applies the changes in their order, each in the coordinates of the text after the one before it. */
  change(uri: string, version: number, changes: readonly ContentChange[]): ChangeOutcome;
  close(uri: string): void;
  save(uri: string): void;
  /** Says that the user looks at this document now. */
  focus(uri: string): void;
  isDirty(uri: string): boolean;
  /** Makes the document dirty: something came of it that could not be read. */
  distrust(uri: string): void;
}

export interface DocumentStoreOptions {
  readonly log: Log;
  /** Bytes all open documents may take, at two for each code unit. 256 MB where it is not given. */
  readonly maxBytes?: number;
}

interface Entry {
  readonly document: DocumentSnapshot;
  readonly buffer: TextBuffer;
  readonly dirty: boolean;
}

const MAX_BYTES = 256 * 1024 * 1024;
const BYTES_PER_UNIT = 2;

export function createDocumentStore({ log, maxBytes = MAX_BYTES }: DocumentStoreOptions): DocumentStore {
  /** The most recently used is last. */
  const entries = new Map<string, Entry>();
  const observers = new Set<DocumentObserver>();
  let recent: readonly DocumentSnapshot[] | undefined;
  let units = 0;

  function put(uri: string, entry: Entry): void {
    forget(uri);
    entries.set(uri, entry);
    units += entry.buffer.length;
  }

  function forget(uri: string): void {
    units -= entries.get(uri)?.buffer.length ?? 0;
    entries.delete(uri);
    recent = undefined;
  }

  function fits(uri: string, length: number): boolean {
    const others = units - (entries.get(uri)?.buffer.length ?? 0);
    const bytes = (others + length) * BYTES_PER_UNIT;
    if (bytes > maxBytes) log.warn('A document is too big to keep; nothing is answered for it', { bytes, maxBytes });
    return bytes <= maxBytes;
  }

  function notify(tell: (observer: DocumentObserver) => void): void {
    for (const observer of observers) guarded(() => tell(observer));
  }

  function guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      log.error('A document observer failed', { error });
    }
  }

  function close(uri: string): void {
    if (!entries.has(uri)) return;
    forget(uri);
    notify((observer) => observer.didClose(uri));
  }

  function open(init: DocumentToOpen): boolean {
    close(init.uri);
    if (!fits(init.uri, init.text.length)) return false;
    const buffer = TextBuffer.from(init.text);
    const { uri, languageId, version } = init;
    const document = Object.freeze({ uri, languageId, version, text: buffer, lineEnding: lineEndingOf(buffer) });
    put(uri, { document, buffer, dirty: false });
    notify((observer) => observer.didOpen(document));
    return true;
  }

  function refuse(uri: string, entry: Entry, reason: string, version: number): ChangeOutcome {
    log.warn(reason, { have: entry.document.version, version });
    put(uri, { ...entry, dirty: true });
    return 'stale';
  }

  function change(uri: string, version: number, changes: readonly ContentChange[]): ChangeOutcome {
    const entry = entries.get(uri);
    if (entry === undefined) return 'unknown';
    if (entry.dirty && !changes.some(isFullText)) return 'stale';
    if (!entry.dirty && !(version > entry.document.version)) {
      return refuse(uri, entry, 'A document version went backwards; waiting for its full text', version);
    }
    const { buffer, edits } = apply(entry.buffer, fromLastFullText(changes));
    if (!fits(uri, buffer.length)) return refuse(uri, entry, 'A change was too big to apply', version);
    const before = entry.document;
    const after = Object.freeze({ ...before, version, text: buffer, lineEnding: lineEndingOf(buffer) });
    put(uri, { document: after, buffer, dirty: false });
    notify((observer) => observer.didChange(before, after, edits));
    return 'applied';
  }

  return {
    open,
    change,
    close,
    save(uri) {
      if (entries.has(uri)) notify((observer) => observer.didSave(uri));
    },
    focus(uri) {
      const entry = entries.get(uri);
      if (entry !== undefined) put(uri, entry);
    },
    distrust(uri) {
      const entry = entries.get(uri);
      if (entry !== undefined) put(uri, { ...entry, dirty: true });
    },
    isDirty: (uri) => entries.get(uri)?.dirty === true,
    get(uri) {
      const entry = entries.get(uri);
      return entry === undefined || entry.dirty ? undefined : entry.document;
    },
    recent() {
      recent ??= [...entries.values()]
        .filter(({ dirty }) => !dirty)
        .map(({ document }) => document)
        .reverse();
      return recent;
    },
    observe(observer) {
      observers.add(observer);
      for (const { document } of entries.values()) guarded(() => observer.didOpen(document));
      return () => observers.delete(observer);
    },
  };
}

/** What was changed before a full text is gone with it. */
function fromLastFullText(changes: readonly ContentChange[]): readonly ContentChange[] {
  return changes.slice(Math.max(changes.findLastIndex(isFullText), 0));
}

function apply(start: TextBuffer, changes: readonly ContentChange[]): { buffer: TextBuffer; edits: AppliedEdit[] } {
  let buffer = start;
  const edits: AppliedEdit[] = [];
  for (const change of changes) {
    const edit = editOf(buffer, change);
    buffer = buffer.edit(edit.start, edit.end, edit.text);
    edits.push(edit);
  }
  return { buffer, edits };
}

function editOf(buffer: TextBuffer, { range, text }: ContentChange): AppliedEdit {
  if (!range) return { start: 0, end: buffer.length, text };
  const start = buffer.offsetAt(range.start);
  const end = buffer.offsetAt(range.end);
  return { start: Math.min(start, end), end: Math.max(start, end), text };
}

/** Some clients write `null` where they mean no range. */
function isFullText(change: ContentChange): boolean {
  return !change.range;
}
