/** What a completion may know: the text around the cursor and what else of the workspace bears on it. */
import type { Range } from './text.ts';

export interface CodeContext {
  readonly uri: string;
  /** Relative to its workspace root with `/`, or the file's name when it lies in none. */
  readonly path: string;
  readonly languageId: string;
  /** Text directly before the cursor, line ends as `\n`, cut at a line where it had to be cut. */
  readonly prefix: string;
  /** Text directly after the cursor, likewise. */
  readonly suffix: string;
  /** The place of the cursor in the document: 0-based UTF-16. */
  readonly position: { readonly line: number; readonly character: number };
  /** Best first. */
  readonly snippets: readonly ContextSnippet[];
  /**
   * What the user changed lately away from the cursor, newest first: small diffs, each below the path of its document. For
   * models that can be told not to bring back what is gone.
   */
  readonly recentEdits: readonly string[];
  /** What the editor reports as wrong, nearest first: `line: message (source)` with 1-based lines. */
  readonly diagnostics: readonly string[];
  /** Estimated tokens of all of the above. */
  readonly tokens: number;
  /** How many secrets were replaced by placeholders. */
  readonly redactions: number;
  /** Why nothing of this document may leave the machine; then every text above is empty. */
  readonly excluded?: string;
}

export interface ContextSnippet {
  readonly uri: string;
  /** As `CodeContext.path`. */
  readonly path: string;
  readonly range: Range;
  readonly text: string;
  /** Why it is here, for example `similar`. */
  readonly reason: 'similar';
  /** 0 to 1, higher is nearer. */
  readonly score: number;
}
