/**
 * Cuts text of any language into numbered tokens: words, short operators and line breaks. It knows no
 * grammar, so that every file of a workspace is learnt alike.
 *
 * A token id is twice the word's number, plus one when white space comes before it in the line.
 */
import { classOf, OPERATOR, SPACE, WORD } from './characters.ts';
import type { TokenBuffer } from './token-buffer.ts';
import {
  FILE_END,
  HASH_FACTOR,
  HASH_START,
  hashUnits,
  LONG_WORD,
  LONGEST_WORD,
  NEWLINE_DEEPER,
  NEWLINE_SAME,
  NEWLINE_SHALLOWER,
  NEWLINE_TOP,
  type Vocabulary,
} from './vocabulary.ts';

/** Operators kept whole; everything else that is no word is one token a character. */
const OPERATORS = (
  '=== !== ... **= <<= >>= &&= ||= ??= ' +
  '=> == != <= >= && || ?? ?. :: -> <- ++ -- += -= *= /= %= |= &= << >> ** // /* */ := ..'
).split(' ');

/** By first character: the longer operators that begin with it, longest first. */
const operatorsByFirst: (readonly string[] | undefined)[] = [];
for (const operator of OPERATORS) {
  const first = operator.charCodeAt(0);
  operatorsByFirst[first] = [...(operatorsByFirst[first] ?? []), operator];
}

/** Whether typing on can make a longer operator of this one. A lone dot is not counted: what follows one is a member. */
export function isHalfOperator(text: string): boolean {
  const longer = operatorsByFirst[text.charCodeAt(0)] ?? [];
  return text !== '.' && longer.some((operator) => operator.length > text.length && operator.startsWith(text));
}

/** Columns that a tab counts for; only whether one line is deeper than another matters. */
const TAB_COLUMNS = 4;

/** UTF-16 units of a line that are learnt: what lies beyond is data, and must not make a keystroke slow. */
export const LEARNT_OF_LINE = 5000;

/** Indentation of a line that holds nothing but white space. */
export const BLANK = -1;

/** The columns of white space before a line's first token, or {@link BLANK}. */
export function indentationOf(text: string, from: number, to: number): number {
  let columns = 0;
  for (let index = from; index < to; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x09) columns += TAB_COLUMNS;
    else if (classOf(unit) === SPACE) columns++;
    else return columns;
  }
  return BLANK;
}

/** The line-break word for a line indented by `columns` after a line indented by `before`. */
export function newlineWord(columns: number, before: number): number {
  if (columns === before) return NEWLINE_SAME;
  if (columns > before) return NEWLINE_DEEPER;
  return columns === 0 ? NEWLINE_TOP : NEWLINE_SHALLOWER;
}

/** Appends the tokens of `text` from `from` to `to`, which must lie within one line. */
export function lexLine(text: string, from: number, to: number, vocabulary: Vocabulary, out: TokenBuffer): void {
  let index = from;
  let spaced = 0;
  let isFirst = true;
  while (index < to) {
    const unit = text.charCodeAt(index);
    const kind = classOf(unit);
    if (kind === SPACE) {
      spaced = isFirst ? 0 : 1;
      index++;
      continue;
    }
    const start = index;
    let word: number;
    if (kind === WORD) {
      let hash = HASH_START;
      let next = unit;
      do {
        hash = Math.imul(hash ^ next, HASH_FACTOR);
        index++;
        next = index < to ? text.charCodeAt(index) : 0;
      } while (index < to && classOf(next) === WORD);
      word = index - start > LONGEST_WORD ? LONG_WORD : vocabulary.intern(text, start, index, hash);
    } else {
      index += operatorLength(text, index, to, unit);
      word = vocabulary.intern(text, start, index, hashUnits(text, start, index));
    }
    out.push(word * 2 + spaced);
    spaced = 0;
    isFirst = false;
  }
}

/**
 * Appends a whole file: a line break before every line that is not blank, and {@link FILE_END} last.
 * Lines end at LF, CRLF or CR, as in LSP.
 */
export function lexText(text: string, vocabulary: Vocabulary, out: TokenBuffer): void {
  let before = 0;
  let from = 0;
  while (from <= text.length) {
    const to = endOfLine(text, from);
    const columns = indentationOf(text, from, to);
    if (columns !== BLANK) {
      out.push(newlineWord(columns, before) * 2);
      lexLine(text, from, to, vocabulary, out);
      before = columns;
    }
    from = to + 1;
  }
  out.push(FILE_END);
}

function endOfLine(text: string, from: number): number {
  let index = from;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === 0x0a || unit === 0x0d) return index;
    index++;
  }
  return index;
}

function operatorLength(text: string, from: number, to: number, unit: number): number {
  const operators = operatorsByFirst[unit];
  if (operators === undefined || from + 1 >= to || classOf(text.charCodeAt(from + 1)) !== OPERATOR) return 1;
  for (const operator of operators) {
    if (from + operator.length <= to && text.startsWith(operator, from)) return operator.length;
  }
  return 1;
}
