/**
 * The tokens of one open document, kept current by re-lexing only the lines that an edit touched:
 * the part of the engine that runs on every keystroke.
 */
import { BLANK, indentationOf, LEARNT_OF_LINE, lexLine, newlineWord } from './lexer.ts';
import { TokenBuffer } from './token-buffer.ts';
import { FILE_END, type Vocabulary } from './vocabulary.ts';

/** A document's text, line by line, without line ends. Any text buffer can be read through it. */
export interface LineSource {
  readonly lineCount: number;
  lineAt(line: number): string;
}

/** Lines `startLine`…`oldEndLine` of the old text became `startLine`…`newEndLine` (ends excluded). */
export interface LineChange {
  readonly startLine: number;
  readonly oldEndLine: number;
  readonly newEndLine: number;
}

/** One open document as tokens. */
export class OpenDocument {
  /** A file end, then every line as the lexer gives it, then a file end; valid up to `length`. */
  ids: Uint32Array<ArrayBuffer>;
  length: number;
  lineCount: number;
  /** Counts the edits, so that work done beside them can tell whether it is out of date. */
  edits = 0;
  /** Index of each line's first token; the entry after the last line is the closing file end. */
  private lineStarts: Uint32Array<ArrayBuffer>;
  /** Columns of indentation by line, or BLANK. */
  private columns: Int32Array<ArrayBuffer>;

  constructor(lines: LineSource, vocabulary: Vocabulary) {
    this.ids = Uint32Array.of(FILE_END, FILE_END);
    this.length = 2;
    this.lineCount = 0;
    this.lineStarts = Uint32Array.of(1);
    this.columns = new Int32Array(0);
    const change = { startLine: 0, oldEndLine: 0, newEndLine: lines.lineCount };
    this.apply(change, lines, vocabulary);
  }

  /** Index of the first token of `line`, or of the closing file end for lines past the last. */
  startOf(line: number): number {
    return this.lineStarts[Math.min(line, this.lineCount)] as number;
  }

  /** Indentation of the last line before `line` that is not blank; 0 when there is none. */
  columnsBefore(line: number): number {
    for (let above = line - 1; above >= 0; above--) {
      const columns = this.columns[above] as number;
      if (columns !== BLANK) return columns;
    }
    return 0;
  }

  /** The line that holds the token at `place`. */
  lineOf(place: number): number {
    let low = 0;
    let high = this.lineCount;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.lineStarts[middle] as number) <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Bytes held, spare room included. */
  get bytes(): number {
    return this.ids.byteLength + this.lineStarts.byteLength + this.columns.byteLength;
  }

  /**
   * Takes over an edit.
   * @param lines the whole text after the edit.
   * @throws RangeError when the change does not fit the line counts before and after it.
   */
  apply(change: LineChange, lines: LineSource, vocabulary: Vocabulary): void {
    const { startLine, oldEndLine, newEndLine } = change;
    const grown = newEndLine - oldEndLine;
    if (
      startLine < 0 ||
      startLine > Math.min(oldEndLine, newEndLine) ||
      oldEndLine > this.lineCount ||
      this.lineCount + grown !== lines.lineCount
    ) {
      throw new RangeError('the edit does not fit the document');
    }
    this.edits++;
    const firstToken = this.startOf(startLine);
    const lastToken = this.startOf(oldEndLine);
    this.moveLines(oldEndLine, grown);
    const fresh = new TokenBuffer(64);
    let before = this.columnsBefore(startLine);
    for (let line = startLine; line < newEndLine; line++) {
      const text = lines.lineAt(line);
      const end = Math.min(text.length, LEARNT_OF_LINE);
      const columns = indentationOf(text, 0, end);
      this.columns[line] = columns;
      this.lineStarts[line] = firstToken + fresh.length;
      if (columns === BLANK) continue;
      fresh.push(newlineWord(columns, before) * 2);
      lexLine(text, 0, end, vocabulary, fresh);
      before = columns;
    }
    this.replaceTokens(firstToken, lastToken, fresh);
    const shift = firstToken + fresh.length - lastToken;
    if (shift !== 0) this.shiftStarts(newEndLine, shift);
    this.mendLineBreak(newEndLine, before);
  }

  /** Makes room for, or closes up, whole lines; `lineStarts` keeps its entry after the last line. */
  private moveLines(from: number, grown: number): void {
    const count = this.lineCount + grown;
    if (count + 1 > this.lineStarts.length) {
      const room = count + (count >>> 2) + 16;
      const starts = new Uint32Array(room + 1);
      starts.set(this.lineStarts);
      const columns = new Int32Array(room);
      columns.set(this.columns);
      this.lineStarts = starts;
      this.columns = columns;
    }
    if (grown !== 0) {
      this.lineStarts.copyWithin(from + grown, from, this.lineCount + 1);
      this.columns.copyWithin(from + grown, from, this.lineCount);
    }
    this.lineCount = count;
  }

  private replaceTokens(from: number, to: number, fresh: TokenBuffer): void {
    const length = this.length + fresh.length - (to - from);
    if (length > this.ids.length) {
      const grown = new Uint32Array(length + (length >>> 3) + 64);
      grown.set(this.ids.subarray(0, this.length));
      this.ids = grown;
    }
    this.ids.copyWithin(from + fresh.length, to, this.length);
    this.ids.set(fresh.ids.subarray(0, fresh.length), from);
    this.length = length;
  }

  private shiftStarts(from: number, shift: number): void {
    const { lineStarts, lineCount } = this;
    for (let line = from; line <= lineCount; line++) {
      lineStarts[line] = (lineStarts[line] as number) + shift;
    }
  }

  /** The first line below an edit may now be deeper or shallower than the line before it. */
  private mendLineBreak(from: number, before: number): void {
    for (let line = from; line < this.lineCount; line++) {
      const columns = this.columns[line] as number;
      if (columns === BLANK) continue;
      this.ids[this.lineStarts[line] as number] = newlineWord(columns, before) * 2;
      return;
    }
  }
}
