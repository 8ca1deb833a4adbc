/** Documents as the editor opens, edits, saves, closes and looks at them. */
import { notifications } from '../protocol.ts';
import type { Session } from '../session.ts';

export function registerTextDocuments({ connection, assistant, edits, log }: Session): void {
  const { documents } = assistant;

  connection.onNotification(notifications.didOpen, ({ textDocument }) => {
    documents.open(textDocument);
  });
  connection.onNotification(notifications.didChange, ({ textDocument: { uri, version }, contentChanges }) => {
    const outcome = documents.change(uri, version ?? 0, contentChanges);
    // What is not open is not remembered either: no `didClose` would forget it.
    if (outcome !== 'unknown') edits.happened(uri);
    // Not louder: why a document is out of step or was not taken was said once, and this comes at every key.
    if (outcome !== 'applied') log.debug('An edit could not be applied.', { outcome, version });
  });
  connection.onNotification(notifications.didClose, ({ textDocument }) => {
    edits.forget(textDocument.uri);
    documents.close(textDocument.uri);
  });
  connection.onNotification(notifications.didSave, ({ textDocument }) => documents.save(textDocument.uri));
  connection.onNotification('textDocument/didFocus', (params: { textDocument?: { uri?: string } }) => {
    if (typeof params?.textDocument?.uri === 'string') documents.focus(params.textDocument.uri);
  });
}
