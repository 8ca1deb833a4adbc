/** `textDocument/completion`: the same suggestions for editors without ghost text. */
import type { CompletionList, CompletionParams } from 'vscode-languageserver/node';
import { requests } from '../protocol.ts';
import { onRequest } from '../receive.ts';
import { offersList } from '../server-capabilities.ts';
import type { Session } from '../session.ts';
import { listItem } from '../to-lsp/list-item.ts';
import { requestCancelled } from '../to-lsp/response-error.ts';

/** Most editors wait for every server before they show the list; what takes longer is kept for the next request (milliseconds). */
const PATIENCE = 200;

export function registerCompletion(session: Session): void {
  const { connection, assistant, turns, answer } = session;

  onRequest(connection, requests.completion, (params, token) =>
    answer(token, (signal) => turns.take(params.textDocument.uri, () => list(params, signal))),
  );

  async function list(params: CompletionParams, signal: AbortSignal): Promise<CompletionList> {
    if (!offersList(session.client, assistant.settings().completion.surface)) return listOf([]);
    // Every client asks by itself while typing, and says so differently: a list request is never an explicit one.
    const query = { uri: params.textDocument.uri, position: params.position, trigger: 'automatic' as const };
    const { takesLateLists, asksOnce } = session.client;
    const patience = takesLateLists ? {} : { patience: PATIENCE };
    const outcome = await assistant.complete({ ...query, ...patience, outlivesEdits: asksOnce }, signal);
    switch (outcome.kind) {
      case 'offered':
        return listOf(outcome.offers.map((offer) => listItem(offer, outcome.document, outcome.cursor, session.client)));
      case 'superseded':
      case 'cancelled':
        throw requestCancelled(outcome.reason);
      default:
        return listOf([]);
    }
  }
}

function listOf(items: CompletionList['items']): CompletionList {
  return { isIncomplete: true, items };
}
