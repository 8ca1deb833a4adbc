/** The actions on code: a question to the chat provider about some lines, and what comes of its answer. */
import { type ActionRequest, actionMessage, isEditKind } from '../chat/actions.ts';
import { codeIn, lineEdit } from '../chat/replacement.ts';
import type { DocumentStore } from '../documents/document-store.ts';
import { AiError } from '../domain/ai-error.ts';
import type { DocumentSnapshot, Range } from '../domain/text.ts';
import type { ChatParams, ChatResult } from './assistant.ts';

export type { ActionKind } from '../chat/actions.ts';

export interface ActParams extends Omit<ActionRequest, 'recentEdits'> {
  readonly uri: string;
  /** Whole lines are taken; a range that ends before a line's first character leaves that line out. */
  readonly range: Range;
}

/** `edit`: replaces `range` of this version of the document by `newText`, in the document's line ends. */
export type ActResult =
  | {
      readonly kind: 'edit';
      readonly document: DocumentSnapshot;
      readonly range: Range;
      readonly newText: string;
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'answer'; readonly markdown: string };

export interface RecentWork {
  /** Small diffs, newest first. */
  readonly edits: readonly string[];
  /** Each as `line: message (source)`. */
  readonly problems: readonly string[];
}

export interface ActTools {
  readonly documents: DocumentStore;
  chat(params: ChatParams, signal: AbortSignal): Promise<ChatResult>;
  recentWork(uri: string, range: Range): RecentWork;
}

/** Rejects with `AiError`, also when the text was edited while the model was writing. */
export async function act(
  { uri, range, ...asked }: ActParams,
  { documents, chat, recentWork }: ActTools,
  signal: AbortSignal,
): Promise<ActResult> {
  const before = documents.get(uri);
  if (before === undefined) throw new AiError('invalidRequest', 'inkling', 'The document is not open.');
  const lines = wholeLines(before, range);
  const original = textOf(before, lines);
  const request = withRecentWork(asked, recentWork(uri, lines));
  const { message, provider } = await chat(
    { messages: [actionMessage(request)], context: { textDocument: { uri }, range: lines } },
    signal,
  );
  if (!isEditKind(request.kind)) return { kind: 'answer', markdown: message.content };

  const code = codeIn(message.content);
  if (code === undefined) throw new AiError('server', provider, `"${provider}" answered without code. Ask again.`);
  const edit = lineEdit(original, code);
  if (edit === undefined) return { kind: 'unchanged' };
  const after = documents.get(uri);
  if (after === undefined || textOf(after, lines) !== original) {
    throw new AiError(
      'invalidRequest',
      provider,
      'The lines were edited meanwhile, so nothing was changed. Try again.',
    );
  }
  return { kind: 'edit', document: after, ...editIn(after, lines.start.line, edit) };
}

/** A caller that says itself what is wrong knows better than what is remembered. */
function withRecentWork(asked: Omit<ActionRequest, 'recentEdits'>, { edits, problems }: RecentWork): ActionRequest {
  const remembered = asked.kind === 'fix' && asked.diagnostics.length === 0;
  return {
    ...asked,
    diagnostics: remembered ? problems.map((problem) => `line ${problem}`) : asked.diagnostics,
    recentEdits: edits,
  };
}

function wholeLines({ text }: DocumentSnapshot, { start, end }: Range): Range {
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  const line = Math.min(last, text.lineCount - 1);
  return {
    start: { line: Math.min(start.line, line), character: 0 },
    end: { line, character: text.lineAt(line).length },
  };
}

function textOf({ text }: DocumentSnapshot, { start, end }: Range): string {
  return text.slice(text.offsetAt(start), text.offsetAt(end)).replace(/\r\n?/g, '\n');
}

/** Whole lines with their ends, so that inserting and deleting lines are the same edit. */
function editIn(
  { text, lineEnding }: DocumentSnapshot,
  firstLine: number,
  { line, count, lines }: NonNullable<ReturnType<typeof lineEdit>>,
): { range: Range; newText: string } {
  const from = firstLine + line;
  const to = from + count;
  if (to < text.lineCount) {
    const newText = lines.map((one) => one + lineEnding).join('');
    return { range: { start: { line: from, character: 0 }, end: { line: to, character: 0 } }, newText };
  }
  // The document's last line has no end to replace: the edit takes the end of the line before instead.
  const start = from === 0 ? { line: 0, character: 0 } : { line: from - 1, character: text.lineAt(from - 1).length };
  const newText = lines.map((one, index) => (index === 0 && from === 0 ? one : lineEnding + one)).join('');
  return { range: { start, end: text.positionAt(text.length) }, newText };
}
