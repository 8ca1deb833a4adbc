/** The same completion server with `vscode-languageserver`: what the library alone costs. */
import { createConnection, ResponseError, TextDocumentSyncKind } from 'vscode-languageserver/node';
import { change, open, textAround } from './documents.ts';
import { streamCompletion } from './stream-completion.ts';

const connection = createConnection(process.stdin, process.stdout);
let url = '';

connection.onInitialize(({ initializationOptions }) => {
  url = (initializationOptions as { providers: { bench: { baseUrl: string } } }).providers.bench.baseUrl;
  return { capabilities: { textDocumentSync: TextDocumentSyncKind.Incremental, inlineCompletionProvider: true } };
});
connection.onDidOpenTextDocument(({ textDocument: { uri, text } }) => open(uri, text));
connection.onDidChangeTextDocument(({ textDocument: { uri }, contentChanges }) => change(uri, contentChanges));
connection.onDidCloseTextDocument(() => undefined);
connection.languages.inlineCompletion.on(
  ({ textDocument: { uri }, position }, token) =>
    new Promise((resolve, reject) => {
      const call = streamCompletion(url, textAround(uri, position), (insertText) => {
        if (insertText === undefined) reject(new ResponseError(-32800, 'cancelled'));
        else resolve([{ insertText, range: { start: position, end: position } }]);
      });
      token.onCancellationRequested(() => call.abort());
    }),
);
connection.listen();
