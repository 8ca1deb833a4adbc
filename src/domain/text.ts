/** Places and documents as every layer sees them. Lines and characters are 0-based; characters are UTF-16 code units. */

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Half-open: `end` is not included. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/**
 * An immutable text. Offsets are UTF-16 code units from the start. Line ends are `\n`, `\r\n` and a lone `\r`, as LSP has them.
 * Positions outside the text clamp to it; no position lies inside a surrogate pair or a `\r\n`.
 */
export interface TextSnapshot {
  readonly length: number;
  readonly lineCount: number;
  /** The code units from `start` (included) to `end` (not included); both clamp. */
  slice(start: number, end?: number): string;
  offsetAt(position: Position): number;
  positionAt(offset: number): Position;
  /** Offset of the first code unit of a line. */
  lineStart(line: number): number;
  /** The text of a line without its line end. */
  lineAt(line: number): string;
}

/** One version of one open document. Never changes: an edit makes another one. */
export interface DocumentSnapshot {
  readonly uri: string;
  /** The editor's language identifier, for example `typescript`. */
  readonly languageId: string;
  readonly version: number;
  readonly text: TextSnapshot;
  /** What ends most of its first lines. */
  readonly lineEnding: '\n' | '\r\n' | '\r';
}

/** An edit that was applied: the code units `start` to `end` of `before` became `text`. */
export interface AppliedEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What happens to open documents, in order. An observer is called in the middle of a keystroke: it must be quick and must not throw. */
export interface DocumentObserver {
  didOpen(document: DocumentSnapshot): void;
  /** `edits` in the order they were applied, each in the coordinates of the text before it. */
  didChange(before: DocumentSnapshot, after: DocumentSnapshot, edits: readonly AppliedEdit[]): void;
  didClose(uri: string): void;
  didSave(uri: string): void;
}

/** The open documents. */
export interface DocumentFeed {
  get(uri: string): DocumentSnapshot | undefined;
  /** Most recently edited or focused first. */
  recent(): readonly DocumentSnapshot[];
  /** Opens are replayed for documents that are already open. Returns how to stop observing. */
  observe(observer: DocumentObserver): () => void;
}

/** The folders the editor has opened, as absolute real file paths; changes call the listener. */
export interface WorkspaceRoots {
  readonly roots: readonly string[];
  onChange(listener: () => void): () => void;
}
