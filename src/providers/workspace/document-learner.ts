/** Lets the engine follow the open documents: their opening, every edit, and their closing. */
import { posix } from 'node:path';
import type { Log } from '../../domain/ports.ts';
import type { DocumentFeed, DocumentObserver, DocumentSnapshot } from '../../domain/text.ts';
import type { WorkspaceEngine } from './engine.ts';
import { lineChangeOf } from './line-change.ts';
import { isSecretFile } from './skip-rules.ts';

/** Documents of more UTF-16 units are data: learning one would block for too long. */
export const LARGEST_DOCUMENT = 2_000_000;

export interface DocumentLearner {
  readonly documents: DocumentFeed;
  readonly engine: WorkspaceEngine;
  readonly log: Log;
  readonly onSave: (uri: string) => void;
}

/** Starts learning; returns how to stop. */
export function learnDocuments({ documents, engine, log, onSave }: DocumentLearner): () => void {
  const observer: DocumentObserver = {
    didOpen: (document) => learnWhole(engine, document),
    didChange(before, after, edits) {
      if (!isLearnt(before) || !isLearnt(after)) {
        learnWhole(engine, after);
        return;
      }
      try {
        engine.changeDocument(after.uri, lineChangeOf(before.text, after.text, edits), after.text);
      } catch (error) {
        log.error('An edit did not fit what was learnt of its document, which is learnt anew.', {
          error: String(error),
        });
        learnWhole(engine, after);
      }
    },
    didClose: (uri) => engine.closeDocument(uri),
    didSave: onSave,
  };
  return documents.observe(observer);
}

function learnWhole(engine: WorkspaceEngine, document: DocumentSnapshot): void {
  if (isLearnt(document)) engine.openDocument(document.uri, document.text);
  else engine.closeDocument(document.uri);
}

function isLearnt({ uri, text }: DocumentSnapshot): boolean {
  return text.length <= LARGEST_DOCUMENT && !isSecretFile(posix.basename(uri));
}
