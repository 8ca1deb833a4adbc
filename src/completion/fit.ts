/** Fits a completion to what already stands after the cursor on its line, so that accepting it doubles nothing. */

/** What an editor may have closed by itself: text a completion may overwrite without destroying the user's work. */
const CLOSERS_ONLY = /^[\s)\]}>"'`;,:]+$/;

export interface Fitted {
  readonly insertText: string;
  /** Code units after the cursor, on the cursor's line, that the text replaces. */
  readonly replaces: number;
}

/** `text` has `\n` line ends; `restOfLine` is the document's text from the cursor to the end of the line. */
export function fitToRestOfLine(text: string, restOfLine: string): Fitted {
  if (restOfLine.trim() === '') return { insertText: text, replaces: 0 };
  const newline = text.indexOf('\n');
  const firstLine = newline === -1 ? text : text.slice(0, newline);
  if (newline === -1) {
    const overlap = overlapLength(firstLine, restOfLine);
    if (overlap > 0) return { insertText: firstLine.slice(0, firstLine.length - overlap), replaces: 0 };
  }
  if (CLOSERS_ONLY.test(restOfLine) && containsInOrder(firstLine, restOfLine)) {
    return { insertText: text, replaces: restOfLine.length };
  }
  return { insertText: newline === -1 ? text : firstLine, replaces: 0 };
}

/** The longest end of `text` that the rest of the line begins with. */
function overlapLength(text: string, restOfLine: string): number {
  for (let length = Math.min(text.length, restOfLine.length); length > 0; length -= 1) {
    if (text.endsWith(restOfLine.slice(0, length)) && !splitsPair(restOfLine, length)) return length;
  }
  return 0;
}

function splitsPair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function containsInOrder(text: string, parts: string): boolean {
  let at = 0;
  for (const part of parts.trim()) {
    if (/\s/.test(part)) continue;
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}
