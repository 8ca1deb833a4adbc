/** Fits a completion to what already stands after the cursor on its line, so that accepting it doubles nothing. */

/** What an editor may have closed by itself: text a completion may overwrite without destroying the user's work. */
const CLOSERS_ONLY = /^[\s)\]}>"'`;,:]+$/;

export interface Fitted {
  readonly insertText: string;
  /** Code units after the cursor, on the cursor's line, that the text replaces. */
  readonly replaces: number;
}

/**
 * `text` has `\n` line ends; `restOfLine` is the document's text from the cursor to the end of the line; `indentation` is
 * the white space the line begins with.
 */
export function fitToRestOfLine(text: string, restOfLine: string, indentation = ''): Fitted {
  if (restOfLine.trim() === '') return { insertText: text, replaces: 0 };
  const newline = text.indexOf('\n');
  const firstLine = newline === -1 ? text : text.slice(0, newline);
  if (newline === -1) {
    const overlap = overlapLength(firstLine, restOfLine);
    if (overlap > 0) return { insertText: firstLine.slice(0, firstLine.length - overlap), replaces: 0 };
  }
  if (!CLOSERS_ONLY.test(restOfLine)) return { insertText: firstLine, replaces: 0 };
  if (containsInOrder(firstLine, restOfLine)) return { insertText: text, replaces: restOfLine.length };
  return newline === -1 ? { insertText: text, replaces: 0 } : beforeClosers(text, restOfLine, indentation);
}

/** A block between two brackets: the closing one that is there already ends up on a line of its own, once. */
function beforeClosers(text: string, restOfLine: string, indentation: string): Fitted {
  const closers = restOfLine.trimStart();
  const replaces = restOfLine.length - closers.length;
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  const overlap = overlapLength(lastLine, closers);
  if (overlap > 0) return { insertText: text.slice(0, text.length - overlap), replaces };
  return { insertText: lastLine.trim() === '' ? text : `${text}\n${indentation}`, replaces };
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
