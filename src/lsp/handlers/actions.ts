/** The commands that ask a chat model: answered at once, worked on in the background with progress, delivered as an edit or a Markdown file. */
import type { Command, WorkspaceEdit } from 'vscode-languageserver/node';
import type { ActionKind, ActResult } from '../../assistant/act.ts';
import { isCancellation } from '../../domain/ai-error.ts';
import type { Range } from '../../domain/text.ts';
import { readParams } from '../params.ts';
import { clientRequests } from '../protocol.ts';
import type { Session } from '../session.ts';
import { describeMistake, listOf, object, optional, text } from '../shape.ts';
import { range } from '../standard-params.ts';
import { invalidParams } from '../to-lsp/response-error.ts';

export interface ActionArgument {
  readonly uri: string;
  readonly range: Range;
  readonly diagnostics?: readonly string[];
  readonly instruction?: string;
}

const PREFIX = 'inkling.';
export const CHAT = `${PREFIX}chat`;

export function actionCommand(kind: ActionKind, title: string, argument: ActionArgument): Command {
  return { title, command: PREFIX + kind, arguments: [argument] };
}

const titles: Readonly<Record<ActionKind, string>> = {
  fix: 'Fixing',
  refactor: 'Improving',
  document: 'Documenting',
  explainCode: 'Explaining',
  generateTests: 'Writing tests',
};

/** Begins the action and returns: the editor is not kept waiting. Throws for arguments that make no sense. */
export function beginAction(session: Session, kind: ActionKind, raw: unknown): void {
  const { uri, range: lines, diagnostics, instruction } = readArgument(PREFIX + kind, raw);
  const { assistant } = session;
  inBackground(session, titles[kind], async (signal) => {
    const request = {
      kind,
      uri,
      range: lines,
      diagnostics: diagnostics ?? [],
      ...(typeof instruction === 'string' && { instruction }),
    };
    return deliver(session, titles[kind], await assistant.act(request, signal));
  });
}

/** `inkling.chat "question"`, for editors without a chat of their own. */
export function beginChat(session: Session, raw: unknown): void {
  if (typeof raw !== 'string' || raw.trim() === '') throw invalidParams('inkling.chat takes the question as a string.');
  inBackground(session, 'Asking', async (signal) => {
    const { message } = await session.assistant.chat({ messages: [{ role: 'user', content: raw }] }, signal);
    await session.answers.show('Chat', `> ${raw.trim().replaceAll('\n', '\n> ')}\n\n${message.content}`);
    return undefined;
  });
}

/** Opens what a completion at a place would send, as `inkling/context` has it. */
export async function showContext(session: Session, raw: unknown): Promise<void> {
  const { textDocument, position } = await readParams('inkling/context', raw);
  const context = await session.assistant.context(textDocument.uri, position);
  if (context === undefined) throw invalidParams(`${textDocument.uri} is not open.`);
  inBackground(session, 'Context', async () => {
    await session.answers.show('Context', `\`\`\`\`json\n${JSON.stringify(context, null, 2)}\n\`\`\`\``);
    return undefined;
  });
}

/** What the user is told once the work is over. */
type Notice = Parameters<Session['say']>;

function inBackground(
  session: Session,
  title: string,
  run: (signal: AbortSignal) => Promise<Notice | undefined>,
): void {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const work = session.progress.begin(title, stop);
  const forget = session.untilEnd(stop);
  const over = (notice: Notice | undefined) => {
    forget();
    // In this order: one editor clears its message line when a progress ends.
    work.end();
    if (notice !== undefined) session.say(...notice);
  };
  run(controller.signal).then(over, (error: unknown) => {
    const stopped = controller.signal.aborted || isCancellation(error);
    over(stopped ? undefined : ['warning', error instanceof Error ? error.message : String(error)]);
  });
}

async function deliver(session: Session, title: string, result: ActResult): Promise<Notice | undefined> {
  switch (result.kind) {
    case 'answer':
      await session.answers.show(title, result.markdown);
      return undefined;
    case 'unchanged':
      return ['info', 'The model would change nothing here.'];
    case 'edit': {
      await session.idle();
      const answer = await session.connection.sendRequest(clientRequests.applyEdit, {
        label: `Inkling: ${title.toLowerCase()}`,
        edit: workspaceEdit(session, result),
      });
      if (answer?.applied === true) return undefined;
      return ['warning', `The editor did not take the edit. ${answer?.failureReason ?? ''}`.trim()];
    }
  }
}

function workspaceEdit({ client }: Session, { document, range, newText }: ActResult & { kind: 'edit' }): WorkspaceEdit {
  const edits = [{ range, newText }];
  return client.versionedEdits
    ? { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits }] }
    : { changes: { [document.uri]: edits } };
}

const argument = object({ uri: text, range, diagnostics: optional(listOf(text)), instruction: optional(text) });

function readArgument(command: string, raw: unknown): ActionArgument {
  const mistake = argument(raw);
  if (mistake === undefined) return raw as ActionArgument;
  const wanted = `${command} takes { uri, range }, as the code action of this name carries them.`;
  throw invalidParams(`${wanted} ${describeMistake('Its argument', mistake)}`);
}
