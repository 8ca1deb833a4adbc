/** What the server announces. Ghost text always; the list only where ghost text is not to be had or was not asked for. */
import type { ServerCapabilities } from 'vscode-languageserver/node';
import type { Client } from './client.ts';
import { codeActionKinds } from './code-action-offers.ts';
import { commandNames } from './command-names.ts';
import { TextDocumentSyncKind } from './protocol.ts';

export type Surface = 'auto' | 'inline' | 'list' | 'both';

export function serverCapabilities(client: Client, surface: Surface): ServerCapabilities {
  return {
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
    inlineCompletionProvider: true,
    ...(offersList(client, surface) && { completionProvider: completionOptions }),
    codeActionProvider: { codeActionKinds: [...codeActionKinds], resolveProvider: client.resolvesCodeActions },
    executeCommandProvider: { commands: [...commandNames] },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
}

/** A popup hides ghost text, so a client that shows ghost text gets the list only when the settings ask for it. */
export function offersList(client: Client, surface: Surface): boolean {
  return surface === 'auto' ? !client.inlineCompletion : surface !== 'inline';
}

export function offersInline(surface: Surface): boolean {
  return surface !== 'list';
}

/** No space among the trigger characters: it would open the list at every word. */
export const completionOptions = { triggerCharacters: ['.', '(', '{', '[', ',', ':', '=', '"', "'", '/'] };
