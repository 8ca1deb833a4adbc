/** The least a server with `vscode-languageserver` can be: it answers `initialize`, and any completion with nothing. */
import { createConnection, TextDocumentSyncKind } from 'vscode-languageserver/node';

const connection = createConnection(process.stdin, process.stdout);
connection.onInitialize(() => ({
  capabilities: { textDocumentSync: TextDocumentSyncKind.Incremental, inlineCompletionProvider: true },
}));
connection.languages.inlineCompletion.on(() => []);
connection.listen();
