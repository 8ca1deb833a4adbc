/** What the connected editor can do, read once from `initialize`, so that no handler looks at raw capabilities. */
import type { InitializeParams } from 'vscode-languageserver/node';
import { InsertTextMode } from './protocol.ts';

export interface Client {
  readonly name: string;
  /** Ghost text. One client announces it as `null`: its presence counts, not its value. */
  readonly inlineCompletion: boolean;
  readonly snippets: boolean;
  /** The client re-indents what it inserts unless told otherwise; this one inserts it as it is. */
  readonly insertsVerbatim: boolean;
  readonly adjustsIndentation: boolean;
  /** Shows the list of each server when it comes, or gives up waiting at the next key: a late list is better than an empty one. */
  readonly takesLateLists: boolean;
  /** While it waits for a list it asks for no other, whatever is typed, and then filters what comes. */
  readonly asksOnce: boolean;
  /** Sends the character or the word at the cursor where nothing is selected. */
  readonly alwaysSelects: boolean;
  readonly dynamicCompletion: boolean;
  readonly configuration: boolean;
  readonly dynamicConfiguration: boolean;
  /** Tells of files that change outside of it, where it is asked to. */
  readonly dynamicWatchedFiles: boolean;
  readonly workDoneProgress: boolean;
  readonly workspaceFolders: boolean;
  /** Edits may name the version of the document they are for. */
  readonly versionedEdits: boolean;
  readonly resolvesCodeActions: boolean;
}

export function readClient({ capabilities, clientInfo }: InitializeParams): Client {
  // Several clients send null for what they do not have.
  const textDocument = capabilities.textDocument ?? {};
  const workspace = capabilities.workspace ?? {};
  const window = capabilities.window ?? {};
  const item = textDocument.completion?.completionItem;
  const name = clientInfo?.name ?? 'unknown';
  return {
    name,
    inlineCompletion: 'inlineCompletion' in textDocument,
    snippets: item?.snippetSupport === true,
    insertsVerbatim: name === 'Eglot',
    adjustsIndentation: item?.insertTextModeSupport?.valueSet?.includes?.(InsertTextMode.adjustIndentation) === true,
    takesLateLists: name === 'helix' || name === 'Eglot',
    asksOnce: name === 'helix',
    alwaysSelects: name === 'helix' || name === 'Eglot',
    dynamicCompletion: textDocument.completion?.dynamicRegistration === true,
    configuration: workspace.configuration === true,
    dynamicConfiguration: workspace.didChangeConfiguration?.dynamicRegistration === true,
    dynamicWatchedFiles: workspace.didChangeWatchedFiles?.dynamicRegistration === true,
    workDoneProgress: window.workDoneProgress === true,
    workspaceFolders: workspace.workspaceFolders === true,
    versionedEdits: workspace.workspaceEdit?.documentChanges === true,
    resolvesCodeActions: Boolean(textDocument.codeAction?.resolveSupport),
  };
}
