/** `textDocument/codeAction`: offered at once, without asking a model; what is chosen comes back as a command. */
import type { CodeAction, CodeActionParams, Diagnostic, Range } from 'vscode-languageserver/node';
import type { Problem } from '../../domain/problem.ts';
import type { DocumentSnapshot } from '../../domain/text.ts';
import { blockAround } from '../block-around.ts';
import type { Client } from '../client.ts';
import { codeActionOffers } from '../code-action-offers.ts';
import { CodeActionTriggerKind, DiagnosticSeverity, requests } from '../protocol.ts';
import { onRequest } from '../receive.ts';
import type { Session } from '../session.ts';
import { actionCommand } from './actions.ts';

export function registerCodeAction(session: Session): void {
  const { connection, assistant, answer } = session;

  onRequest(connection, requests.codeAction, (params, token) =>
    answer(token, async () => {
      remember(params);
      return (await assistant.canChat()) ? actions(params) : [];
    }),
  );
  // Ours are complete when sent; editors ask to resolve every action they are shown, also those of other servers.
  onRequest(connection, requests.resolveCodeAction, (action) => action);

  /** The only place where the protocol tells a server what others say is wrong. */
  function remember({ textDocument, range, context }: CodeActionParams): void {
    assistant.problemsReported(textDocument.uri, range, context.diagnostics.filter(isWrong).map(problemOf));
  }

  function actions({ textDocument, range, context }: CodeActionParams): CodeAction[] {
    const document = assistant.documents.get(textDocument.uri);
    if (document === undefined) return [];
    const selected = isSelection(range, document, session.client);
    // An editor that asks at every move of the cursor gets nothing but what there is something wrong with.
    const quiet = context.triggerKind === CodeActionTriggerKind.Automatic && !selected;
    const lines = selected ? range : blockAround(document, range.start.line);
    return codeActionOffers
      .filter(({ kind }) => context.only?.some((only) => isWithin(kind, only)) ?? true)
      .filter(({ action }) => !quiet || (action === 'fix' && context.diagnostics.length > 0))
      .map(({ action, title, kind }) => ({
        title,
        kind,
        ...(action === 'fix' && { diagnostics: context.diagnostics }),
        command: actionCommand(action, title, {
          uri: document.uri,
          range: lines,
          diagnostics: action === 'fix' ? context.diagnostics.map((one) => describe(one, document)) : [],
        }),
      }));
  }
}

/** A character is none: some editors always select the one under the cursor, and two of them the word, so that there only whole lines count. */
function isSelection({ start, end }: Range, { text }: DocumentSnapshot, { alwaysSelects }: Client): boolean {
  if (end.line > start.line) return true;
  if (end.character - start.character <= 1) return false;
  const line = text.lineAt(Math.min(start.line, text.lineCount - 1));
  return !alwaysSelects || line.slice(start.character, end.character).trim() === line.trim();
}

function isWithin(kind: string, only: string): boolean {
  return only === '' || kind === only || kind.startsWith(`${only}.`);
}

/** Hints are about style, and there are many. */
function isWrong({ severity }: Diagnostic): boolean {
  return (severity ?? DiagnosticSeverity.Error) <= DiagnosticSeverity.Warning;
}

function problemOf({ range, message, source }: Diagnostic): Problem {
  return { range, message: plain(message), ...(typeof source === 'string' && { source }) };
}

/** Newer clients may say it in Markdown. */
function plain(message: Diagnostic['message']): string {
  return typeof message === 'string' ? message : message.value;
}

function describe({ range, message, source }: Diagnostic, document: DocumentSnapshot): string {
  const line = Math.min(range.start.line, document.text.lineCount - 1) + 1;
  return `line ${line}: ${plain(message)}${typeof source === 'string' ? ` (${source})` : ''}`;
}
