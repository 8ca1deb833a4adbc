/** Turns the best windows of other documents into what is shown of them: whole lines that fit, without secrets. */
import type { ContextSnippet } from '../domain/code-context.ts';
import type { TextSnapshot } from '../domain/text.ts';
import { identifiersOf } from './identifiers.ts';
import type { RedactedSlice } from './redact-slice.ts';
import type { SimilarWindow } from './similar-windows.ts';
import { toLineFeeds } from './window.ts';

export interface SnippetChoice {
  readonly snippets: readonly ContextSnippet[];
  /** Bytes of UTF-8 of texts and paths. */
  readonly bytes: number;
  readonly redactions: number;
}

export interface SnippetWishes {
  /** Best first. */
  readonly windows: readonly SimilarWindow[];
  /** Bytes all snippets may take. */
  readonly room: number;
  /** The names at the cursor: lines without them go first where a window is too big. */
  readonly words: ReadonlySet<string>;
  readonly pathOf: (uri: string) => string;
  /** A part of a document as it may be shown. */
  readonly read: (text: TextSnapshot, start: number, end: number) => RedactedSlice;
}

const MAX_SNIPPETS = 4;
/** Bytes: less says nothing. */
const MIN_BYTES = 96;
/** Code units of a window: longer lines are generated. */
const MAX_WINDOW = 32_768;

export function chooseSnippets({ windows, room, words, pathOf, read }: SnippetWishes): SnippetChoice {
  const snippets: ContextSnippet[] = [];
  let bytes = 0;
  let redactions = 0;
  for (const { document, startLine, endLine, score } of windows) {
    if (snippets.length === MAX_SNIPPETS || room - bytes < MIN_BYTES) break;
    const start = document.text.lineStart(startLine);
    const end = document.text.lineStart(endLine);
    if (end - start > MAX_WINDOW) continue;
    const path = pathOf(document.uri);
    // A placeholder is never longer than its secret, so what fits before redaction fits after it.
    const lines = linesOf(document.text.slice(start, end));
    const { from, to } = trimToFit(lines, words, room - bytes - Buffer.byteLength(path));
    const slice = read(
      document.text,
      document.text.lineStart(startLine + from),
      document.text.lineStart(startLine + to),
    );
    const text = toLineFeeds(slice.text).replace(/\n$/, '');
    if (Buffer.byteLength(text) < MIN_BYTES || snippets.some((other) => other.text === text)) continue;
    const range = {
      start: { line: startLine + from, character: 0 },
      end: { line: startLine + to - 1, character: document.text.lineAt(startLine + to - 1).length },
    };
    snippets.push({ uri: document.uri, path, range, text, reason: 'similar', score });
    bytes += Buffer.byteLength(text) + Buffer.byteLength(path);
    redactions += slice.redactions;
  }
  return { snippets, bytes, redactions };
}

function linesOf(text: string): string[] {
  return toLineFeeds(text).replace(/\n$/, '').split('\n');
}

/** Takes lines off the end that says less about the words, until the rest fits; blank lines go in any case. */
function trimToFit(lines: readonly string[], words: ReadonlySet<string>, room: number): { from: number; to: number } {
  const worth = lines.map((line) => [...identifiersOf(line)].filter((word) => words.has(word)).length);
  const size = lines.map((line) => Buffer.byteLength(line) + 1);
  const isBlank = (index: number): boolean => lines[index]?.trim() === '';
  let bytes = size.reduce((sum, each) => sum + each, -1);
  let from = 0;
  let to = lines.length;
  while (from < to && (bytes > room || isBlank(from) || isBlank(to - 1))) {
    const takesFirst = isBlank(from) || (!isBlank(to - 1) && (worth[from] ?? 0) <= (worth[to - 1] ?? 0));
    bytes -= size[takesFirst ? from++ : --to] ?? 0;
  }
  return { from, to };
}
