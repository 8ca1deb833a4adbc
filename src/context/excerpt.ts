/** A part of a document for a chat, open or of the workspace, as far as it may leave the machine. */
import { AiError } from '../domain/ai-error.ts';
import type { DocumentFeed, DocumentSnapshot, Range, WorkspaceRoots } from '../domain/text.ts';
import { type LocalFiles, localFiles } from '../util/local-files.ts';
import type { ContextBuilder, ContextSettings } from './build-context.ts';
import { redactedSlice } from './redact-slice.ts';
import { relativePath } from './relative-path.ts';
import { type ExcerptSource, readUnopenedFile } from './unopened-file.ts';
import { toLineFeeds } from './window.ts';

export interface Excerpt {
  /** Relative to its workspace root. */
  readonly path: string;
  readonly languageId: string;
  /** 1-based, both included. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
  /** True for a range, as against a whole document. */
  readonly selected: boolean;
}

export interface ExcerptOptions {
  readonly documents: Pick<DocumentFeed, 'get'> & { isDirty(uri: string): boolean };
  readonly roots: WorkspaceRoots;
  readonly contexts: Pick<ContextBuilder, 'exclusionOf'>;
  readonly files?: LocalFiles;
}

/** UTF-16 code units of one excerpt; what is longer is a file nobody asks about as a whole. */
const LONGEST_EXCERPT = 200_000;

/**
 * Whole lines of the range, or the whole document without one; of a document that is not open, as it is saved. Throws
 * `AiError` where there is none, and for one that may not leave the machine, or that is too long to send.
 */
export type TakeExcerpt = (uri: string, range: Range | undefined, settings: ContextSettings) => Excerpt;

export function createExcerpts({ documents, roots, contexts, files = localFiles }: ExcerptOptions): TakeExcerpt {
  function sourceOf(uri: string): ExcerptSource {
    const document: DocumentSnapshot | undefined = documents.get(uri);
    if (document !== undefined) return document;
    if (!documents.isDirty(uri)) return readUnopenedFile(uri, roots.roots, files);
    const name = relativePath(uri, roots.roots);
    throw new AiError('invalidRequest', 'inkling', `${name} is not known as the editor shows it. Open it again.`);
  }

  return (uri, range, settings) => {
    const source = sourceOf(uri);
    const { text, languageId } = source;
    const path = relativePath(source.uri, roots.roots);
    // By the name it was given and by where it lies: either may be what a rule is about.
    const excluded =
      contexts.exclusionOf({ uri, text }, settings.exclude) ?? contexts.exclusionOf(source, settings.exclude);
    if (excluded !== undefined) {
      throw new AiError('permission', 'inkling', `${path} stays on this machine: ${excluded}. Ask without it.`);
    }
    const last = Math.min(range?.end.line ?? text.lineCount, text.lineCount - 1);
    const first = Math.min(range?.start.line ?? 0, last);
    const start = text.lineStart(first);
    const end = last + 1 < text.lineCount ? text.lineStart(last + 1) : text.length;
    if (end - start > LONGEST_EXCERPT) {
      throw new AiError('contextLength', 'inkling', `${path} is too long to send as a whole. Select a part of it.`);
    }
    const shown = settings.redactSecrets ? redactedSlice(text, start, end).text : text.slice(start, end);
    return {
      path,
      languageId,
      firstLine: first + 1,
      lastLine: last + 1,
      text: toLineFeeds(shown).replace(/\n$/, ''),
      selected: range !== undefined,
    };
  };
}
