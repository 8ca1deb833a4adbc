/**
 * The offline engine: learns from open documents and from an index of the workspace, and says how the
 * line at a cursor goes on. It knows no editor protocol, no thread and no file system.
 */
import { dirname } from 'node:path';
import { gatherCandidates } from './candidates.ts';
import { classOf, WORD } from './characters.ts';
import { readCursor } from './cursor-query.ts';
import { LEARNT_OF_LINE } from './lexer.ts';
import { DEFAULT_LIMITS, findMatches, type MatchLimits, type Searchable } from './matches.ts';
import { chooseOffer, DEFAULT_THRESHOLD, type Suggestion, silent } from './offer.ts';
import { type LineChange, type LineSource, OpenDocument } from './open-document.ts';
import { rank } from './ranker.ts';
import { renumberSteps } from './renumber.ts';
import { bytesOf, fileAtPath, pathOfFile, rangeOfFile, type StaticIndex, type TokenRange } from './static-index.ts';
import { FIRST_WORD, Vocabulary } from './vocabulary.ts';

/** Words that only open documents brought, after which those no longer in use are forgotten. */
const MOST_NEW_WORDS = 100_000;

/** A cursor in an open document; line and character are zero-based, characters in UTF-16 units. */
export interface SuggestRequest {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
  /** Probability, 0…1, from which an offer is made; {@link DEFAULT_THRESHOLD} when left out. */
  readonly threshold?: number;
  readonly limits?: MatchLimits;
}

export interface WorkspaceEngine {
  /** Learns a document; one that is open already is replaced. */
  openDocument(uri: string, lines: LineSource): void;
  /**
   * Takes over an edit; unknown documents are ignored.
   * @param lines the text after the edit, which must not change afterwards.
   */
  changeDocument(uri: string, change: LineChange, lines: LineSource): void;
  /** Forgets a document; what the index knows of the file counts again. */
  closeDocument(uri: string): void;
  /** Exchanges the knowledge of the workspace's files. The index belongs to the engine from here on. */
  setIndex(index: StaticIndex | undefined): void;
  /** The same in steps of about a millisecond, between which the engine answers and learns as before. */
  setIndexInSteps(index: StaticIndex | undefined): Generator<void, void, undefined>;
  suggest(request: SuggestRequest): Suggestion;
  /** Bytes held for the workspace's files, for open documents, and for the words of both. */
  readonly bytes: number;
}

interface Entry {
  readonly document: OpenDocument;
  lines: LineSource;
  readonly path: string;
  /** The line that was offered last, as it would have become. */
  lastOffer: { readonly line: number; readonly text: string } | undefined;
}

/**
 * Creates an engine that knows nothing yet.
 * @param pathOf the path under which the index knows the document at a URI.
 */
export function createWorkspaceEngine(pathOf: (uri: string) => string): WorkspaceEngine {
  return new Engine(pathOf);
}

class Engine implements WorkspaceEngine {
  private vocabulary = new Vocabulary();
  private index: StaticIndex | undefined;
  private paths = new Vocabulary();
  private masked: readonly TokenRange[] = [];
  /** In the order of their last use, the latest last. */
  private readonly entries = new Map<string, Entry>();
  private readonly folders = new Map<number, string>();
  /** The change of index under way; a newer one takes its place, and it gives up. */
  private takeover: object | undefined;
  private readonly pathOf: (uri: string) => string;

  constructor(pathOf: (uri: string) => string) {
    this.pathOf = pathOf;
  }

  openDocument(uri: string, lines: LineSource): void {
    this.entries.delete(uri);
    this.forgetUnusedWords();
    const document = new OpenDocument(lines, this.vocabulary);
    this.entries.set(uri, { document, lines, path: this.pathOf(uri), lastOffer: undefined });
    this.maskOpenFiles();
  }

  changeDocument(uri: string, change: LineChange, lines: LineSource): void {
    const entry = this.entries.get(uri);
    if (entry === undefined) return;
    this.forgetUnusedWords();
    entry.document.apply(change, lines, this.vocabulary);
    entry.lines = lines;
    this.touch(uri, entry);
  }

  closeDocument(uri: string): void {
    if (this.entries.delete(uri)) this.maskOpenFiles();
  }

  setIndex(index: StaticIndex | undefined): void {
    runAll(this.setIndexInSteps(index));
  }

  *setIndexInSteps(index: StaticIndex | undefined): Generator<void, void, undefined> {
    const own = {};
    this.takeover = own;
    try {
      const vocabulary = new Vocabulary(index?.vocabulary);
      for (const _ of renumberSteps(() => this.documents(), this.vocabulary, vocabulary)) {
        yield;
        if (this.takeover !== own) return;
      }
      this.vocabulary = vocabulary;
      this.index = index;
      this.paths = new Vocabulary(index?.paths);
      this.folders.clear();
      this.maskOpenFiles();
    } finally {
      if (this.takeover === own) this.takeover = undefined;
    }
  }

  suggest({ uri, line, character, threshold, limits }: SuggestRequest): Suggestion {
    const entry = this.entries.get(uri);
    if (entry === undefined) return silent('unknown-document');
    const { document, lines, lastOffer } = entry;
    if (line < 0 || line >= lines.lineCount) return silent('outside-document');
    if (character > LEARNT_OF_LINE) return silent('long-line');
    if (isInsideWord(lines.lineAt(line), character)) return silent('inside-word');
    const query = readCursor({ document, lines, line, character }, this.vocabulary);
    const searchable = this.searchableFrom(entry);
    const matches = findMatches(query, searchable, limits ?? DEFAULT_LIMITS);
    const isNear = this.folderTest(entry.path);
    const ranked = rank(query, searchable, gatherCandidates(query, searchable, matches, isNear));
    const earlier = lastOffer !== undefined && lastOffer.line < line ? lastOffer.text : undefined;
    const least = threshold ?? DEFAULT_THRESHOLD;
    const suggestion = chooseOffer(query, ranked, searchable, least, earlier);
    if (suggestion.kind === 'offer') {
      entry.lastOffer = { line, text: (query.linePrefix + suggestion.text).trim() };
    }
    return suggestion;
  }

  get bytes(): number {
    let bytes = this.vocabulary.bytes + (this.index === undefined ? 0 : bytesOf(this.index));
    for (const { document } of this.entries.values()) bytes += document.bytes;
    return bytes;
  }

  private searchableFrom({ document }: Entry): Searchable {
    const others: OpenDocument[] = [];
    for (const other of this.entries.values()) {
      if (other.document !== document) others.unshift(other.document);
    }
    return { vocabulary: this.vocabulary, index: this.index, masked: this.masked, others };
  }

  private folderTest(path: string): (file: number) => boolean {
    const own = dirname(path);
    return (file) => {
      let folder = this.folders.get(file);
      if (folder === undefined) {
        folder = dirname(pathOfFile(this.paths, file));
        this.folders.set(file, folder);
      }
      return folder === own;
    };
  }

  private touch(uri: string, entry: Entry): void {
    this.entries.delete(uri);
    this.entries.set(uri, entry);
  }

  private maskOpenFiles(): void {
    const { index } = this;
    const masked: TokenRange[] = [];
    for (const { path } of this.entries.values()) {
      const file = fileAtPath(this.paths, path);
      if (index !== undefined && file !== undefined) masked.push(rangeOfFile(index, file));
    }
    this.masked = masked.sort((one, other) => one.from - other.from);
  }

  private forgetUnusedWords(): void {
    const base = this.index?.vocabulary.size ?? FIRST_WORD;
    if (this.takeover !== undefined || this.vocabulary.size - base < MOST_NEW_WORDS) return;
    const vocabulary = this.vocabulary.firstWords(base);
    runAll(renumberSteps(() => this.documents(), this.vocabulary, vocabulary));
    this.vocabulary = vocabulary;
  }

  private documents(): OpenDocument[] {
    return [...this.entries.values()].map(({ document }) => document);
  }
}

function runAll(steps: Generator<void, void, undefined>): void {
  while (steps.next().done !== true);
}

function isInsideWord(text: string, character: number): boolean {
  return character < text.length && classOf(text.charCodeAt(character)) === WORD;
}
