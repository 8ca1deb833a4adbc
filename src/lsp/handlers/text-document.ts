/** Documents as the editor opens, edits, saves, closes and looks at them. */
import type { Session } from '../session.ts';

export function registerTextDocuments({ connection, assistant, edits, log }: Session): void {
  const { documents } = assistant;

  connection.onDidOpenTextDocument(({ textDocument }) => {
    documents.open(textDocument);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    edits.happened(uri);
    const outcome = documents.change(uri, version ?? 0, contentChanges);
    if (outcome !== 'applied') log.warn('An edit could not be applied.', { outcome, version });
  });
  connection.onDidCloseTextDocument(({ textDocument }) => {
    edits.forget(textDocument.uri);
    documents.close(textDocument.uri);
  });
  connection.onDidSaveTextDocument(({ textDocument }) => documents.save(textDocument.uri));
  connection.onNotification('textDocument/didFocus', (params: { textDocument?: { uri?: string } }) => {
    if (typeof params?.textDocument?.uri === 'string') documents.focus(params.textDocument.uri);
  });
}
