/** An immutable text held in chunks, so that an edit costs the same in a line and in 10 MB; it knows nothing but text. */

/** Code units. Each edit copies the chunk it is in. A chunk's line starts must fit a `Uint16Array`. */
const MAX_CHUNK = 8_192;
/** New chunks are half full, so that typing does not split them again at once. */
const FILL = MAX_CHUNK / 2;
/** A smaller chunk is merged with its neighbour, which bounds the number of chunks by `length / MIN_CHUNK`. */
const MIN_CHUNK = 1_024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

interface Place {
  readonly line: number;
  readonly character: number;
}

interface Chunk {
  readonly text: string;
  /** For each line end in the chunk, where the next line begins, from the start of the chunk. */
  readonly lineStarts: Uint16Array;
}

/**
 * Offsets are UTF-16 code units. Line ends are `\n`, `\r\n` and a lone `\r`; U+2028 and the like are ordinary
 * characters, as LSP has it. No chunk ends inside a surrogate pair or a `\r\n`. Everything out of range clamps.
 */
export class TextBuffer {
  readonly length: number;
  readonly lineCount: number;
  readonly #chunks: readonly Chunk[];
  /** Offset of each chunk, and of the end. */
  readonly #offsets: Uint32Array;
  /** Number of line ends before each chunk, and in all. */
  readonly #lines: Uint32Array;

  private constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks;
    this.#offsets = new Uint32Array(chunks.length + 1);
    this.#lines = new Uint32Array(chunks.length + 1);
    let offset = 0;
    let line = 0;
    for (let index = 0; index < chunks.length; index++) {
      offset += chunks[index]?.text.length ?? 0;
      line += chunks[index]?.lineStarts.length ?? 0;
      this.#offsets[index + 1] = offset;
      this.#lines[index + 1] = line;
    }
    this.length = offset;
    this.lineCount = line + 1;
  }

  static from(text: string): TextBuffer {
    return new TextBuffer(split(text));
  }

  /** The text in which the code units `start` to `end` are replaced. Costs one or two chunks and a walk over their list. */
  edit(start: number, end: number, text: string): TextBuffer {
    const from = clamp(start, 0, this.length);
    const to = clamp(end, from, this.length);
    let first = this.#chunkAt(from);
    let last = this.#chunkAt(to);
    const head = this.#text(first).slice(0, from - this.#offset(first));
    let changed = head + text + this.#text(last).slice(to - this.#offset(last));
    while (first > 0 && (changed.length < MIN_CHUNK || isSplit(this.#text(first - 1), changed))) {
      first--;
      changed = this.#text(first) + changed;
    }
    // What ends `changed` ended its chunk before, so only its beginning can have come to split something.
    while (last < this.#chunks.length - 1 && changed.length < MIN_CHUNK) {
      last++;
      changed += this.#text(last);
    }
    return new TextBuffer(this.#chunks.toSpliced(first, last - first + 1, ...split(changed)));
  }

  slice(start: number, end: number = this.length): string {
    const from = clamp(start, 0, this.length);
    const to = clamp(end, from, this.length);
    const first = this.#chunkAt(from);
    const last = this.#chunkAt(to);
    const base = this.#offset(first);
    if (first === last) return this.#text(first).slice(from - base, to - base);
    const parts = [this.#text(first).slice(from - base)];
    for (let index = first + 1; index < last; index++) parts.push(this.#text(index));
    parts.push(this.#text(last).slice(0, to - this.#offset(last)));
    return parts.join('');
  }

  /** A place inside a surrogate pair snaps to its start, one behind the line's text to the end of that text. */
  offsetAt(position: Place): number {
    const line = whole(position.line);
    if (line < 0) return 0;
    if (line >= this.lineCount) return this.length;
    const start = this.lineStart(line);
    const offset = clamp(start + whole(position.character), start, this.#lineEnd(line));
    return this.#isInsidePair(offset) ? offset - 1 : offset;
  }

  /** An offset inside a surrogate pair or a `\r\n` snaps to its start. */
  positionAt(offset: number): Place {
    let at = clamp(offset, 0, this.length);
    if (this.#isInsidePair(at) || (this.#unit(at - 1) === CARRIAGE_RETURN && this.#unit(at) === LINE_FEED)) at--;
    const index = this.#chunkAt(at);
    const starts = this.#chunks[index]?.lineStarts ?? new Uint16Array();
    const line = (this.#lines[index] ?? 0) + countUpTo(starts, at - this.#offset(index));
    return { line, character: at - this.lineStart(line) };
  }

  /** Offset of the first code unit of a line; the end of the text for a line behind the last. */
  lineStart(line: number): number {
    const wanted = whole(line);
    if (wanted <= 0) return 0;
    if (wanted >= this.lineCount) return this.length;
    const index = countUpTo(this.#lines, wanted - 1) - 1;
    return this.#offset(index) + (this.#chunks[index]?.lineStarts[wanted - 1 - (this.#lines[index] ?? 0)] ?? 0);
  }

  /** The text of a line without its line end; empty for a line there is not. */
  lineAt(line: number): string {
    const wanted = whole(line);
    if (wanted < 0 || wanted >= this.lineCount) return '';
    return this.slice(this.lineStart(wanted), this.#lineEnd(wanted));
  }

  toString(): string {
    return this.slice(0);
  }

  #lineEnd(line: number): number {
    if (line >= this.lineCount - 1) return this.length;
    const next = this.lineStart(line + 1);
    return this.#unit(next - 1) === LINE_FEED && this.#unit(next - 2) === CARRIAGE_RETURN ? next - 2 : next - 1;
  }

  #isInsidePair(offset: number): boolean {
    return isHigh(this.#unit(offset - 1)) && isLow(this.#unit(offset));
  }

  #unit(offset: number): number {
    if (offset < 0 || offset >= this.length) return Number.NaN;
    const index = this.#chunkAt(offset);
    return this.#text(index).charCodeAt(offset - this.#offset(index));
  }

  #chunkAt(offset: number): number {
    return Math.min(countUpTo(this.#offsets, offset), this.#chunks.length) - 1;
  }

  #text(index: number): string {
    return this.#chunks[index]?.text ?? '';
  }

  #offset(index: number): number {
    return this.#offsets[index] ?? 0;
  }
}

function split(text: string): Chunk[] {
  if (text.length <= MAX_CHUNK) return [{ text, lineStarts: lineStartsOf(text) }];
  const chunks: Chunk[] = [];
  const size = Math.ceil(text.length / Math.ceil(text.length / FILL));
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + size, text.length);
    if (isSplit(text.slice(start, end), text.slice(end, end + 1))) end++;
    const part = text.slice(start, end);
    chunks.push({ text: part, lineStarts: lineStartsOf(part) });
    start = end;
  }
  return chunks;
}

/** Filled anew for each chunk, because a list that grows is copied several times on its way. */
const found = new Uint16Array(MAX_CHUNK);

function lineStartsOf(text: string): Uint16Array {
  let count = 0;
  if (!text.includes('\r')) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) found[count++] = at + 1;
    return found.slice(0, count);
  }
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const ends = unit === LINE_FEED || (unit === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED);
    if (ends) found[count++] = at + 1;
  }
  return found.slice(0, count);
}

/** True when cutting between the two would separate what belongs together. */
function isSplit(before: string, after: string): boolean {
  const left = before.charCodeAt(before.length - 1);
  const right = after.charCodeAt(0);
  return (left === CARRIAGE_RETURN && right === LINE_FEED) || (isHigh(left) && isLow(right));
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** How many of the ascending values are at most `limit`. */
function countUpTo(ascending: Uint16Array | Uint32Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(whole(value), low), high);
}

/** Clients send what they like: what is no number counts as 0. */
function whole(value: number): number {
  const number = Math.trunc(value);
  return Number.isNaN(number) ? 0 : number;
}
