/** Texts with a visible cursor: `█` marks the place and is not part of the text. */
import type { DocumentSnapshot } from '../../src/domain/text.ts';
import { TextBuffer } from '../../src/util/text-buffer.ts';

export const CURSOR = '█';

export interface MarkedDocument {
  readonly document: DocumentSnapshot;
  readonly offset: number;
}

export function parseCursor(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf(CURSOR);
  if (offset === -1 || marked.includes(CURSOR, offset + 1)) throw new Error('A text needs exactly one cursor.');
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

export function markedDocument(marked: string, version = 1, uri = 'file:///project/example.ts'): MarkedDocument {
  const { text, offset } = parseCursor(marked);
  return {
    document: { uri, languageId: 'typescript', version, text: TextBuffer.from(text), lineEnding: '\n' },
    offset,
  };
}
