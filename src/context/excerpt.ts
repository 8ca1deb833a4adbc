/** A part of an open document for a chat, as far as it may leave the machine. */
import { AiError } from '../domain/ai-error.ts';
import type { DocumentFeed, Range, WorkspaceRoots } from '../domain/text.ts';
import type { ContextBuilder, ContextSettings } from './build-context.ts';
import { redactedSlice } from './redact-slice.ts';
import { relativePath } from './relative-path.ts';
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
  readonly documents: DocumentFeed;
  readonly roots: WorkspaceRoots;
  readonly contexts: Pick<ContextBuilder, 'exclusionOf'>;
}

/** UTF-16 code units of one excerpt; what is longer is a file nobody asks about as a whole. */
const LONGEST_EXCERPT = 200_000;

/**
 * Whole lines of the range, or the whole document without one; `undefined` where it is not open. Throws `AiError` for a
 * document that may not leave the machine, or that is too long to send.
 */
export type TakeExcerpt = (uri: string, range: Range | undefined, settings: ContextSettings) => Excerpt | undefined;

export function createExcerpts({ documents, roots, contexts }: ExcerptOptions): TakeExcerpt {
  return (uri, range, settings) => {
    const document = documents.get(uri);
    if (document === undefined) return undefined;
    const { text, languageId } = document;
    const path = relativePath(uri, roots.roots);
    const excluded = contexts.exclusionOf(document, settings.exclude);
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
