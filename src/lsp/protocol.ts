/**
 * What of LSP is needed while the program runs: the messages, by method, and the numbers and names of enumerations.
 * The library's own modules hold the whole protocol, and loading them took 5 of 57 ms to `initialize`; only its types
 * are used here, and they check what is written.
 */
import { NotificationType, ParameterStructures, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc/node';
import type * as lsp from 'vscode-languageserver/node';

/** With params by name alone, as all of LSP has them: others are refused in words. */
function request<Params, Result>(method: string): RequestType<Params, Result, void> {
  return new RequestType(method, ParameterStructures.byName);
}

function notification<Params>(method: string): NotificationType<Params> {
  return new NotificationType(method, ParameterStructures.byName);
}

/** From the client. */
export const requests = {
  initialize: request<lsp.InitializeParams, lsp.InitializeResult>('initialize'),
  shutdown: new RequestType0<null, void>('shutdown'),
  inlineCompletion: request<lsp.InlineCompletionParams, lsp.InlineCompletionList>('textDocument/inlineCompletion'),
  completion: request<lsp.CompletionParams, lsp.CompletionList>('textDocument/completion'),
  codeAction: request<lsp.CodeActionParams, lsp.CodeAction[]>('textDocument/codeAction'),
  resolveCodeAction: request<lsp.CodeAction, lsp.CodeAction>('codeAction/resolve'),
  executeCommand: request<lsp.ExecuteCommandParams, null>('workspace/executeCommand'),
} as const;

/** From the client. */
export const notifications = {
  initialized: notification<lsp.InitializedParams>('initialized'),
  didOpen: notification<lsp.DidOpenTextDocumentParams>('textDocument/didOpen'),
  didChange: notification<lsp.DidChangeTextDocumentParams>('textDocument/didChange'),
  didClose: notification<lsp.DidCloseTextDocumentParams>('textDocument/didClose'),
  didSave: notification<lsp.DidSaveTextDocumentParams>('textDocument/didSave'),
  /** The name that existing completion clients send. */
  didFocus: notification<{ readonly textDocument: lsp.TextDocumentIdentifier }>('textDocument/didFocus'),
  didChangeConfiguration: notification<lsp.DidChangeConfigurationParams>('workspace/didChangeConfiguration'),
  didChangeWatchedFiles: notification<lsp.DidChangeWatchedFilesParams>('workspace/didChangeWatchedFiles'),
  didChangeWorkspaceFolders: notification<lsp.DidChangeWorkspaceFoldersParams>('workspace/didChangeWorkspaceFolders'),
  cancelWorkDoneProgress: notification<lsp.WorkDoneProgressCancelParams>('window/workDoneProgress/cancel'),
} as const;

/** To the client. */
export const clientRequests = {
  applyEdit: request<lsp.ApplyWorkspaceEditParams, lsp.ApplyWorkspaceEditResult | null>('workspace/applyEdit'),
  configuration: request<lsp.ConfigurationParams, unknown>('workspace/configuration'),
  workspaceFolders: new RequestType0<lsp.WorkspaceFolder[] | null, void>('workspace/workspaceFolders'),
  showDocument: request<lsp.ShowDocumentParams, lsp.ShowDocumentResult | null>('window/showDocument'),
  createWorkDoneProgress: request<lsp.WorkDoneProgressCreateParams, void>('window/workDoneProgress/create'),
  registerCapability: request<lsp.RegistrationParams, void>('client/registerCapability'),
  unregisterCapability: request<lsp.UnregistrationParams, void>('client/unregisterCapability'),
} as const;

/** To the client. */
export const clientNotifications = {
  logMessage: notification<lsp.LogMessageParams>('window/logMessage'),
  showMessage: notification<lsp.ShowMessageParams>('window/showMessage'),
} as const;

export const workDoneProgress: ProgressType<
  lsp.WorkDoneProgressBegin | lsp.WorkDoneProgressReport | lsp.WorkDoneProgressEnd
> = new ProgressType();

export const LSPErrorCodes = { RequestCancelled: -32800, RequestFailed: -32803 } as const satisfies Partial<
  typeof lsp.LSPErrorCodes
>;

export const MessageType = { Error: 1, Warning: 2, Info: 3, Log: 4 } as const satisfies Partial<typeof lsp.MessageType>;

export const TextDocumentSyncKind = { Incremental: 2 } as const satisfies Partial<typeof lsp.TextDocumentSyncKind>;

export const InsertTextMode = { adjustIndentation: 2 } as const satisfies Partial<typeof lsp.InsertTextMode>;

export const InsertTextFormat = { PlainText: 1, Snippet: 2 } as const satisfies Partial<typeof lsp.InsertTextFormat>;

export const CompletionItemKind = { Text: 1, Snippet: 15 } as const satisfies Partial<typeof lsp.CompletionItemKind>;

export const DiagnosticSeverity = { Error: 1, Warning: 2 } as const satisfies Partial<typeof lsp.DiagnosticSeverity>;

export const CodeActionKind = {
  QuickFix: 'quickfix',
  Refactor: 'refactor',
  RefactorRewrite: 'refactor.rewrite',
} as const satisfies Partial<typeof lsp.CodeActionKind>;

export const CodeActionTriggerKind = { Automatic: 2 } as const satisfies Partial<typeof lsp.CodeActionTriggerKind>;
