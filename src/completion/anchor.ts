/** Where an answer belongs: enough of the text around its cursor to tell, versions later, whether what was typed since agrees. */
import type { DocumentSnapshot } from '../domain/text.ts';

/** Code units on each side that must still be the same; a change farther away leaves an answer valid. */
const REACH = 512;
/** An editor closes at most a few brackets or quotes by itself while the user types. */
const MOST_CLOSED = 3;
const AUTO_CLOSED = /^[)\]}>"'`]*$/;

export interface Anchor {
  readonly offset: number;
  readonly before: string;
  readonly after: string;
  readonly length: number;
}

export function anchorAt(document: DocumentSnapshot, offset: number): Anchor {
  const { text } = document;
  return {
    offset,
    before: ownCopy(text.slice(Math.max(0, offset - REACH), offset)),
    after: ownCopy(text.slice(offset, offset + REACH)),
    length: text.length,
  };
}

/**
 * A slice keeps the text it was cut from in memory, here that of the document as it was at each suggestion. What is put
 * together is a text of its own once it is cut again.
 */
function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}

/**
 * What was typed at the anchor up to `offset` (line ends as `\n`), or `undefined` when something else changed too.
 * Brackets and quotes that the editor closed by itself after the cursor do not count as a change.
 */
export function typedSince(anchor: Anchor, document: DocumentSnapshot, offset: number): string | undefined {
  const { text } = document;
  if (offset < anchor.offset || offset - anchor.offset > REACH * 8) return undefined;
  const closed = text.length - anchor.length - (offset - anchor.offset);
  if (closed < 0 || closed > MOST_CLOSED) return undefined;
  if (!AUTO_CLOSED.test(text.slice(offset, offset + closed))) return undefined;
  if (text.slice(anchor.offset - anchor.before.length, anchor.offset) !== anchor.before) return undefined;
  const after = offset + closed;
  if (text.slice(after, after + anchor.after.length) !== anchor.after) return undefined;
  return text.slice(anchor.offset, offset).replace(/\r\n?/g, '\n');
}
