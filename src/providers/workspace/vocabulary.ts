/**
 * Gives every distinct word of the sources a number, in typed arrays alone, so that a table built in
 * another thread is handed over without copying and lexing never allocates a substring.
 */

/** Word 0 closes every file; contexts never reach across it. */
export const FILE_END = 0;
/** A line break after which the indentation stays as it was. */
export const NEWLINE_SAME = 1;
/** A line break after which the indentation grows. */
export const NEWLINE_DEEPER = 2;
/** A line break after which the indentation shrinks. */
export const NEWLINE_SHALLOWER = 3;
/** A line break after which an indented line is followed by one that is not: something new begins, or the last bracket closes. */
export const NEWLINE_TOP = 4;
/** Stands for every word longer than {@link LONGEST_WORD}: it can be matched but never offered. */
export const LONG_WORD = 5;
/** First number that a word with a text can have. */
export const FIRST_WORD = 6;
/** Words longer than this many UTF-16 units are hashes, keys and data: nobody wants them offered. */
export const LONGEST_WORD = 60;

/** Whether a word ends a line: a line break or the end of a file. */
export function isLineEnd(word: number): boolean {
  return word < LONG_WORD;
}

/** Words that can be added to a vocabulary's data before its arrays must grow. */
const SPARE_WORDS = 4096;

/** Start value and factor of FNV-1a over UTF-16 units, the hash that {@link Vocabulary.intern} expects. */
export const HASH_START = 0x811c9dc5;
export const HASH_FACTOR = 0x01000193;

/** A vocabulary as plain data whose buffers can be transferred to another thread. */
export interface VocabularyData {
  readonly size: number;
  /** The words' UTF-16 units, one after the other. */
  readonly units: Uint16Array<ArrayBuffer>;
  /** Where each word starts in `units`; one entry more than there are words. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Open-addressed hash table of word numbers; 0 is an empty slot. Its length is a power of two. */
  readonly slots: Uint32Array<ArrayBuffer>;
}

/** FNV-1a of the UTF-16 units `from`…`to` of a text. */
export function hashUnits(text: string, from: number, to: number): number {
  let hash = HASH_START;
  for (let index = from; index < to; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), HASH_FACTOR);
  }
  return hash;
}

/** An append-only two-way table between words and their numbers. */
export class Vocabulary {
  /** Numbers given so far, the reserved ones included. */
  size: number;
  private units: Uint16Array<ArrayBuffer>;
  private starts: Uint32Array<ArrayBuffer>;
  private slots: Uint32Array<ArrayBuffer>;

  constructor(data?: VocabularyData) {
    this.size = data?.size ?? FIRST_WORD;
    this.units = data?.units ?? new Uint16Array(4096);
    this.starts = data?.starts ?? new Uint32Array(512);
    this.slots = data?.slots ?? new Uint32Array(1024);
  }

  /**
   * The number of the word in `text` from `from` to `to`, given now if it has none yet.
   * @param hash its FNV-1a hash, which the lexer has computed while finding the word's end.
   */
  intern(text: string, from: number, to: number, hash: number): number {
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const word = this.slots[slot] as number;
      if (word === 0) return this.add(text, from, to, slot);
      if (this.equals(word, text, from, to)) return word;
      slot = (slot + 1) & mask;
    }
  }

  /** The number of a word that is known already, or undefined. */
  find(text: string): number | undefined {
    const mask = this.slots.length - 1;
    const hash = hashUnits(text, 0, text.length);
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const word = this.slots[slot] as number;
      if (word === 0) return undefined;
      if (this.equals(word, text, 0, text.length)) return word;
      slot = (slot + 1) & mask;
    }
  }

  /** The word's text; empty for the reserved numbers. */
  textOf(word: number): string {
    let text = '';
    const end = this.starts[word + 1] as number;
    for (let unit = this.starts[word] as number; unit < end; unit++) {
      text += String.fromCharCode(this.units[unit] as number);
    }
    return text;
  }

  /** How many UTF-16 units the word has; 0 for the reserved numbers. */
  lengthOf(word: number): number {
    return (this.starts[word + 1] as number) - (this.starts[word] as number);
  }

  /** The word's first UTF-16 unit, or 0 for the reserved numbers. */
  firstUnitOf(word: number): number {
    return word < FIRST_WORD ? 0 : (this.units[this.starts[word] as number] as number);
  }

  /** The word's UTF-16 unit if it has no other, or 0. */
  onlyUnitOf(word: number): number {
    return this.lengthOf(word) === 1 ? this.firstUnitOf(word) : 0;
  }

  /** Whether the word begins with `prefix`. */
  startsWith(word: number, prefix: string): boolean {
    if (this.lengthOf(word) < prefix.length) return false;
    const start = this.starts[word] as number;
    for (let index = 0; index < prefix.length; index++) {
      if (this.units[start + index] !== prefix.charCodeAt(index)) return false;
    }
    return true;
  }

  /** The number that this vocabulary gives to a word of another one. */
  adopt(other: Vocabulary, word: number): number {
    if (word < FIRST_WORD) return word;
    const text = other.textOf(word);
    return this.intern(text, 0, text.length, hashUnits(text, 0, text.length));
  }

  /** Bytes held, spare room included. */
  get bytes(): number {
    return this.units.byteLength + this.starts.byteLength + this.slots.byteLength;
  }

  /**
   * A copy as data for another thread, with room for new words: whoever receives it can add to it for
   * hours before anything has to be copied or rehashed.
   */
  toData(): VocabularyData {
    if (this.size * 3 > this.slots.length) this.rehash(this.slots.length * 2);
    const unitsUsed = this.starts[this.size] as number;
    const units = new Uint16Array(unitsUsed + SPARE_WORDS * 8);
    units.set(this.units.subarray(0, unitsUsed));
    const starts = new Uint32Array(this.size + 1 + SPARE_WORDS);
    starts.set(this.starts.subarray(0, this.size + 1));
    return { size: this.size, units, starts, slots: this.slots.slice() };
  }

  /** A copy that knows only the words below `size`. */
  firstWords(size: number): Vocabulary {
    const copy = new Vocabulary({ ...this.toData(), size });
    copy.rehash(copy.slots.length);
    return copy;
  }

  private equals(word: number, text: string, from: number, to: number): boolean {
    const start = this.starts[word] as number;
    if ((this.starts[word + 1] as number) - start !== to - from) return false;
    for (let index = from, unit = start; index < to; index++, unit++) {
      if (this.units[unit] !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  private add(text: string, from: number, to: number, slot: number): number {
    const word = this.size;
    const start = this.starts[word] as number;
    const end = start + to - from;
    if (end > this.units.length) this.units = grownUnits(this.units, end);
    if (word + 2 > this.starts.length) this.starts = grownStarts(this.starts, word + 2);
    for (let index = from, unit = start; index < to; index++, unit++) {
      this.units[unit] = text.charCodeAt(index);
    }
    this.starts[word + 1] = end;
    this.slots[slot] = word;
    this.size = word + 1;
    if (this.size * 2 > this.slots.length) this.rehash(this.slots.length * 2);
    return word;
  }

  private rehash(length: number): void {
    const slots = new Uint32Array(length);
    const mask = length - 1;
    for (let word = FIRST_WORD; word < this.size; word++) {
      let slot = this.hashOf(word) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = word;
    }
    this.slots = slots;
  }

  private hashOf(word: number): number {
    let hash = HASH_START;
    const end = this.starts[word + 1] as number;
    for (let unit = this.starts[word] as number; unit < end; unit++) {
      hash = Math.imul(hash ^ (this.units[unit] as number), HASH_FACTOR);
    }
    return hash ^ (hash >>> 15);
  }
}

function grownUnits(units: Uint16Array<ArrayBuffer>, needed: number): Uint16Array<ArrayBuffer> {
  const grown = new Uint16Array(Math.max(needed, units.length + (units.length >>> 1) + 1024));
  grown.set(units);
  return grown;
}

function grownStarts(starts: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.max(needed, starts.length + (starts.length >>> 1) + 256));
  grown.set(starts);
  return grown;
}
