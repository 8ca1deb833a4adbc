/** Keeps proposals from closing brackets that nobody opened, or that the text after the cursor closes already. */
import type { CursorQuery } from './cursor-query.ts';
import type { Vocabulary } from './vocabulary.ts';

const OPENERS = '([{';
const CLOSERS = ')]}';
/** Tokens above the cursor's line in which an opener is looked for. */
const LOOK_BACK = 400;

/** Cuts a proposal to what fits at the cursor; an empty one means that nothing should be inserted. */
export type Fit = (ids: readonly number[]) => readonly number[];

/** Prepares {@link Fit} for one cursor. */
export function fitTo(query: CursorQuery, vocabulary: Vocabulary): Fit {
  const open = openBrackets(query, vocabulary);
  const next = query.following[0];
  const following = next === undefined ? undefined : next >>> 1;
  const isReached = isOnlyClosing(query.lineSuffix);
  return (ids) => {
    const stack = [...open];
    let depth = 0;
    for (const [position, id] of ids.entries()) {
      const word = id >>> 1;
      if (depth === 0 && word === following && (position > 0 || query.partial === '')) {
        return ids.slice(0, position);
      }
      const bracket = bracketOf(word, vocabulary);
      if (bracket === '') continue;
      if (OPENERS.includes(bracket)) {
        stack.push(bracket);
        depth++;
      } else {
        if (!closes(stack, bracket)) return ids.slice(0, position);
        depth = Math.max(0, depth - 1);
      }
    }
    return isReached ? ids : [];
  };
}

/** Whether the text after the cursor only ends what was begun: closing brackets, quotes, separators. */
function isOnlyClosing(text: string): boolean {
  return /^[\s)\]}"'`;,:>]*$/.test(text);
}

/** The brackets that are open at the cursor and that the text after it does not close. */
function openBrackets(query: CursorQuery, vocabulary: Vocabulary): string[] {
  const { document, typed, line, following, lineBelow } = query;
  const stack: string[] = [];
  const above = document.startOf(line);
  for (let index = Math.max(0, above - LOOK_BACK); index < above; index++) {
    follow(stack, bracketOf((document.ids[index] as number) >>> 1, vocabulary));
  }
  if (lineBelow !== undefined && stack.length > 0) closeFirst(stack, lineBelow);
  for (const id of typed) follow(stack, bracketOf(id >>> 1, vocabulary));
  for (const id of following) {
    const bracket = bracketOf(id >>> 1, vocabulary);
    if (CLOSERS.includes(bracket) && bracket !== '') closes(stack, bracket);
  }
  return stack;
}

/** The line below closes a bracket when it begins with its closer. */
function closeFirst(stack: string[], lineBelow: string): void {
  const first = lineBelow.charAt(0);
  if (CLOSERS.includes(first)) closes(stack, first);
}

function follow(stack: string[], bracket: string): void {
  if (bracket === '') return;
  if (OPENERS.includes(bracket)) stack.push(bracket);
  else closes(stack, bracket);
}

/** Takes the innermost matching opener off the stack; false when there is none. */
function closes(stack: string[], closer: string): boolean {
  const opener = OPENERS.charAt(CLOSERS.indexOf(closer));
  const at = stack.lastIndexOf(opener);
  if (at < 0) return false;
  stack.length = at;
  return true;
}

/** The bracket that a word is, or an empty string. */
function bracketOf(word: number, vocabulary: Vocabulary): string {
  if (vocabulary.lengthOf(word) !== 1) return '';
  const character = String.fromCharCode(vocabulary.firstUnitOf(word));
  return OPENERS.includes(character) || CLOSERS.includes(character) ? character : '';
}
