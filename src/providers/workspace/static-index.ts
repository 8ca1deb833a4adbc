/**
 * What the engine knows of the workspace's files: their tokens, the order of all contexts, and the
 * vocabulary, as plain typed arrays that another thread builds and hands over without copying.
 */
import { lexText } from './lexer.ts';
import { buildSuffixArray, type SuffixArray } from './suffix-array.ts';
import { TokenBuffer } from './token-buffer.ts';
import { FIRST_WORD, hashUnits, Vocabulary, type VocabularyData } from './vocabulary.ts';

/** A finished index. Its buffers belong to whoever holds it: {@link transferablesOf} lists them. */
export interface StaticIndex extends SuffixArray {
  /** The token ids of all files, each closed by a file end. */
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly vocabulary: VocabularyData;
  /** The files' absolute paths: file `n` is word `FIRST_WORD + n`. */
  readonly paths: VocabularyData;
  /** Where each file begins in `ids`; one entry more than there are files. */
  readonly fileStarts: Uint32Array<ArrayBuffer>;
  /** UTF-16 units of source learnt. */
  readonly sourceUnits: number;
}

/** One file's part of `ids`. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
}

/** Collects files, then sorts them into an index. */
export interface IndexBuilder {
  /** Learns a file; a path given before is ignored. */
  add(path: string, text: string): void;
  readonly sourceUnits: number;
  finish(): StaticIndex;
}

/** Starts an empty index. Files come out in the order in which they are added. */
export function createIndexBuilder(): IndexBuilder {
  const vocabulary = new Vocabulary();
  const paths = new Vocabulary();
  const tokens = new TokenBuffer(1 << 16);
  const fileStarts: number[] = [0];
  let sourceUnits = 0;
  return {
    add(path, text) {
      const known = paths.size;
      paths.intern(path, 0, path.length, hashUnits(path, 0, path.length));
      if (paths.size === known) return;
      lexText(text, vocabulary, tokens);
      fileStarts.push(tokens.length);
      sourceUnits += text.length;
    },
    get sourceUnits() {
      return sourceUnits;
    },
    finish() {
      const ids = tokens.ids.slice(0, tokens.length);
      return {
        ...buildSuffixArray(ids, vocabulary.size),
        ids,
        vocabulary: vocabulary.toData(),
        paths: paths.toData(),
        fileStarts: Uint32Array.from(fileStarts),
        sourceUnits,
      };
    },
  };
}

/** The buffers of an index, to be transferred with it. */
export function transferablesOf(index: StaticIndex): ArrayBuffer[] {
  return arraysOf(index).map((array) => array.buffer);
}

/** Bytes that an index holds. */
export function bytesOf(index: StaticIndex): number {
  return arraysOf(index).reduce((bytes, array) => bytes + array.byteLength, 0);
}

/** How many files an index holds. */
export function fileCountOf(index: StaticIndex): number {
  return index.fileStarts.length - 1;
}

/** The file that holds the token at `place`. */
export function fileAt(index: StaticIndex, place: number): number {
  let low = 0;
  let high = index.fileStarts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((index.fileStarts[middle] as number) <= place) low = middle;
    else high = middle;
  }
  return low;
}

/** The tokens of file number `file`. */
export function rangeOfFile(index: StaticIndex, file: number): TokenRange {
  return { from: index.fileStarts[file] as number, to: index.fileStarts[file + 1] as number };
}

/** The path of file number `file`; `paths` is the index's `paths` as a vocabulary. */
export function pathOfFile(paths: Vocabulary, file: number): string {
  return paths.textOf(FIRST_WORD + file);
}

/** The number of the file at `path`, or undefined; `paths` as in {@link pathOfFile}. */
export function fileAtPath(paths: Vocabulary, path: string): number | undefined {
  const word = paths.find(path);
  return word === undefined ? undefined : word - FIRST_WORD;
}

function arraysOf(index: StaticIndex): (Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>)[] {
  const { vocabulary, paths } = index;
  return [
    index.ids,
    index.places,
    index.buckets,
    index.fileStarts,
    ...[vocabulary.units, vocabulary.starts, vocabulary.slots],
    ...[paths.units, paths.starts, paths.slots],
  ];
}
