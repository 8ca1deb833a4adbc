/** `textDocument/inlineCompletion`: ghost text. */
import type { InlineCompletionList, InlineCompletionParams } from 'vscode-languageserver/node';
import { requests } from '../protocol.ts';
import { onRequest } from '../receive.ts';
import { offersInline } from '../server-capabilities.ts';
import type { Session } from '../session.ts';
import { inlineItem } from '../to-lsp/inline-item.ts';
import { requestCancelled } from '../to-lsp/response-error.ts';
import { createTriggerKinds } from '../trigger-kind.ts';

export function registerInlineCompletion({ connection, assistant, turns, edits, answer }: Session): void {
  const triggerKinds = createTriggerKinds();

  onRequest(connection, requests.inlineCompletion, (params, token) =>
    answer(token, (signal) => turns.take(params.textDocument.uri, () => items(params, signal))),
  );

  async function items(params: InlineCompletionParams, signal: AbortSignal): Promise<InlineCompletionList> {
    if (!offersInline(assistant.settings().completion.surface)) return { items: [] };
    const { uri } = params.textDocument;
    const trigger = triggerKinds.read(params.context?.triggerKind, edits.sinceLast(uri));
    const outcome = await assistant.complete({ uri, position: params.position, trigger }, signal);
    switch (outcome.kind) {
      case 'offered':
        return { items: outcome.offers.map((offer) => inlineItem(offer, outcome.cursor)) };
      case 'superseded':
      case 'cancelled':
        throw requestCancelled(outcome.reason);
      default:
        return { items: [] };
    }
  }
}
