/** Documents as the editor opens, edits, saves, closes and looks at them. */
import { notifications } from '../protocol.ts';
import { onNotification } from '../receive.ts';
import type { Session } from '../session.ts';

export function registerTextDocuments(session: Session): void {
  const { assistant, edits, log } = session;
  const { documents } = assistant;

  /** What the editor has there is not known any more, if it can be told which document is meant. */
  function distrust(params: unknown): void {
    const { uri } = (params as { textDocument?: { uri?: unknown } | null } | null | undefined)?.textDocument ?? {};
    if (typeof uri === 'string') documents.distrust(uri);
  }

  onNotification(
    session,
    notifications.didOpen,
    ({ textDocument }) => {
      documents.open(textDocument);
    },
    distrust,
  );
  onNotification(
    session,
    notifications.didChange,
    ({ textDocument: { uri, version }, contentChanges }) => {
      const outcome = documents.change(uri, version ?? 0, contentChanges);
      // What is not open is not remembered either: no `didClose` would forget it.
      if (outcome !== 'unknown') edits.happened(uri);
      // Not louder: why a document is out of step or was not taken was said once, and this comes at every key.
      if (outcome !== 'applied') log.debug('An edit could not be applied.', { outcome, version });
    },
    distrust,
  );
  onNotification(session, notifications.didClose, ({ textDocument }) => {
    edits.forget(textDocument.uri);
    documents.close(textDocument.uri);
  });
  onNotification(session, notifications.didSave, ({ textDocument }) => documents.save(textDocument.uri));
  onNotification(session, notifications.didFocus, ({ textDocument }) => documents.focus(textDocument.uri));
}
