/** Builds what a completion may know, from open documents alone, inside one turn of the event loop. */
import type { CodeContext } from '../domain/code-context.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Problem } from '../domain/problem.ts';
import type { DocumentFeed, DocumentSnapshot, Range, TextSnapshot, WorkspaceRoots } from '../domain/text.ts';
import { type LocalFiles, localFiles } from '../util/local-files.ts';
import { type BudgetSettings, contextBudget, shareOut, sidesAround, snippetRoom, tokensOf } from './budget.ts';
import { placeOf, schemeOf, slashedPath } from './document-place.ts';
import { createExclusion } from './exclude.ts';
import { identifiersOf } from './identifiers.ts';
import { isSameLanguageGroup } from './language-group.ts';
import { createRecentWork } from './recent-work.ts';
import { type RedactedSlice, redactedSlice } from './redact-slice.ts';
import { pathsBelow, type RootedPath, relativePath } from './relative-path.ts';
import { schemePolicy } from './scheme-policy.ts';
import { createSimilarWindows } from './similar-windows.ts';
import { chooseSnippets, type SnippetChoice } from './snippets.ts';
import { prefixStart, suffixEnd, type TextAround, textAround, toLineFeeds } from './window.ts';

export interface ContextSettings extends BudgetSettings {
  /** Whether other open documents may be shown. */
  readonly otherDocuments: boolean;
  /** Whether it is remembered and shown what the user changed lately. */
  readonly recentEdits: boolean;
  /** Whether it is remembered and shown what the editor reports as wrong. */
  readonly diagnostics: boolean;
  /** Gitignore patterns that add to the default exclusions. */
  readonly exclude: readonly string[];
  readonly redactSecrets: boolean;
}

type Excludable = Pick<DocumentSnapshot, 'uri' | 'text'>;

export interface ContextBuilder {
  /**
   * Synchronous and below 5 ms for any document. `offset` clamps to the text. Where `excluded` is set, nothing of the
   * document may leave the machine and every text is empty.
   */
  build(document: DocumentSnapshot, offset: number, settings: ContextSettings): CodeContext;
  /** Why a document's text may not leave the machine; `undefined` where it may. Chat asks this for the files it is given. */
  exclusionOf(document: Excludable, exclude: readonly string[]): string | undefined;
  /** The root that holds the document, also where a link leads there; `undefined` outside of all roots. */
  rootOf(uri: string): string | undefined;
  /** The projects exclude other files than before. */
  projectsChanged(): void;
  /**
   * What the user changed lately in the document, and in all others that may be shown beside it, as
   * `CodeContext.recentEdits`, those near any cursor too.
   */
  recentEdits(uri: string, settings: ContextSettings): readonly string[];
  /** What is known to be wrong with the lines of `range`, as `CodeContext.diagnostics`. */
  problemsIn(document: DocumentSnapshot, range: Range, settings: ContextSettings): readonly string[];
  /** What the editor reports as wrong with the lines of `range`; it replaces what was reported of them before. */
  reportProblems(document: DocumentSnapshot, range: Range, problems: readonly Problem[]): void;
  dispose(): void;
}

export interface ContextBuilderOptions {
  readonly documents: DocumentFeed;
  readonly roots: WorkspaceRoots;
  readonly clock: Clock;
  readonly log: Log;
  readonly files?: LocalFiles;
  /** Patterns that the project of a root excludes below it; nobody asks where it is left out. */
  readonly projectPatterns?: (root: string) => readonly string[];
  /** Those in force now: what they forbid to show is not remembered between two builds either. */
  settings(): ContextSettings;
}

/** Milliseconds of a build that may go into comparing documents; the rest of the work takes well below one. */
const COMPARE_SLICE = 2;
const MAX_NEIGHBOURS = 20;
/** Paths kept; more documents than anybody has open. */
const MAX_PATHS = 4_096;
/** Lines whose names are compared with other documents. */
const LINES_BEFORE = 50;
const LINES_AFTER = 10;
/** Code units looked at for a NUL, as git does. */
const BINARY_SAMPLE = 8_192;
/** Bytes of recent edits where there is no text at a cursor to share with. */
const EDITS_ALONE = 4_096;

const noSnippets: SnippetChoice = { snippets: [], bytes: 0, redactions: 0 };

export function createContextBuilder(options: ContextBuilderOptions): ContextBuilder {
  const { documents, roots, clock, log, files = localFiles, settings: settingsNow } = options;
  const { projectPatterns = () => [] } = options;
  const exclusion = createExclusion({ roots, files, log, projectPatterns });
  const similar = createSimilarWindows(clock);
  /** Where documents lie, as long as they may not have moved. */
  const paths = new Map<string, RootedPath | { readonly path: string; readonly root?: undefined }>();
  const renew = (uri: string) => {
    paths.delete(uri);
    exclusion.renew(uri);
  };
  const stopObserving = documents.observe({
    didOpen: ({ uri }) => renew(uri),
    didChange: () => undefined,
    didClose(uri) {
      paths.delete(uri);
      exclusion.forget(uri);
    },
    didSave: renew,
  });
  const stopFollowing = roots.onChange(() => {
    paths.clear();
    exclusion.reset();
  });

  function exclusionOf(document: Excludable, exclude: readonly string[]): string | undefined {
    return (
      exclusion.reasonFor(document.uri, exclude) ?? (isBinary(document.text) ? 'the document is binary' : undefined)
    );
  }

  function maySend(document: DocumentSnapshot, { exclude }: ContextSettings): boolean {
    return exclusionOf(document, exclude) === undefined;
  }

  const work = createRecentWork({ documents, clock, settings: settingsNow, maySend, isOpenToOthers, pathOf, reader });

  /** Below its root, also where a link leads there. Asking the disk takes longer than all the rest, so its answer is kept. */
  function lies(uri: string) {
    let place = paths.get(uri);
    if (place === undefined) {
      place = findPlace(uri);
      if (paths.size >= MAX_PATHS) paths.clear();
      paths.set(uri, place);
    }
    return place;
  }

  function findPlace(uri: string): RootedPath | { readonly path: string } {
    const { scheme, path } = placeOf(uri);
    const named = path === undefined ? undefined : pathsBelow(path, roots.roots)[0];
    if (path !== undefined && scheme === 'file' && named === undefined) {
      const real = files.realPath(path);
      const below = real === undefined ? undefined : pathsBelow(slashedPath(real), roots.roots)[0];
      if (below !== undefined) return below;
    }
    return named ?? { path: relativePath(uri, roots.roots) };
  }

  function pathOf(uri: string): string {
    return lies(uri).path;
  }

  function neighboursOf(document: DocumentSnapshot, settings: ContextSettings): DocumentSnapshot[] {
    const chosen: DocumentSnapshot[] = [];
    if (!settings.otherDocuments || !isOpenToOthers(document)) return chosen;
    for (const other of documents.recent()) {
      if (chosen.length === MAX_NEIGHBOURS) break;
      if (other.uri === document.uri || !isSameLanguageGroup(other.languageId, document.languageId)) continue;
      if (isOpenToOthers(other) && exclusionOf(other, settings.exclude) === undefined) chosen.push(other);
    }
    return chosen;
  }

  function snippetsFor(document: DocumentSnapshot, around: TextAround, room: number, settings: ContextSettings) {
    const deadline = clock.now() + COMPARE_SLICE;
    const neighbours = neighboursOf(document, settings);
    if (neighbours.length === 0) return noSnippets;
    const words = wordsAround(around);
    const windows = similar.find(words, neighbours, deadline);
    return chooseSnippets({ windows, room, words, pathOf, read: reader(settings) });
  }

  function build(document: DocumentSnapshot, wantedOffset: number, settings: ContextSettings): CodeContext {
    const position = document.text.positionAt(wantedOffset);
    const place = { uri: document.uri, path: pathOf(document.uri), languageId: document.languageId, position };
    const excluded = exclusionOf(document, settings.exclude);
    if (excluded !== undefined) return Object.freeze({ ...place, ...emptyTexts, excluded });

    const offset = document.text.offsetAt(position);
    const budget = contextBudget(settings);
    const around = textAround(document.text, offset, budget.total);
    const available = {
      prefix: Buffer.byteLength(around.text.slice(0, around.cursor)),
      suffix: Buffer.byteLength(around.text.slice(around.cursor)),
    };
    const room = shareOut(snippetRoom(budget, available), budget);
    const { problems, ...problemCosts } = work.problemsNear(document, position, room.problems, settings);
    const { edits, ...editCosts } = work.editsAwayFrom(document, position, room.edits, settings);
    const { snippets, ...snippetCosts } = snippetsFor(
      document,
      around,
      room.all - problemCosts.bytes - editCosts.bytes,
      settings,
    );
    const beside = { bytes: 0, redactions: 0 };
    for (const costs of [problemCosts, editCosts, snippetCosts]) {
      beside.bytes += costs.bytes;
      beside.redactions += costs.redactions;
    }
    const sides = sidesAround(budget, available, beside.bytes);
    const first = offset - around.cursor;
    const start = first + prefixStart(around, sides.prefix);
    const end = first + suffixEnd(around, sides.suffix);
    const shown = reader(settings)(document.text, start, end);
    const prefix = toLineFeeds(shown.text.slice(0, offset - start));
    const suffix = toLineFeeds(shown.text.slice(offset - start));
    const bytes = Buffer.byteLength(prefix) + Buffer.byteLength(suffix) + beside.bytes;
    // Spelled out: of a spread that more is added to, V8 makes hidden classes anew each time.
    return Object.freeze({
      uri: place.uri,
      path: place.path,
      languageId: place.languageId,
      position: place.position,
      prefix,
      suffix,
      snippets,
      recentEdits: edits,
      diagnostics: problems,
      tokens: tokensOf(bytes, budget.bytesPerToken),
      redactions: shown.redactions + beside.redactions,
    });
  }

  return {
    build,
    exclusionOf,
    rootOf: (uri) => lies(uri).root,
    projectsChanged: exclusion.reset,
    recentEdits: (uri, settings) => work.edits(uri, EDITS_ALONE, settings).edits,
    problemsIn: work.problemsIn,
    reportProblems: work.report,
    dispose() {
      work.dispose();
      stopObserving();
      stopFollowing();
      similar.dispose();
    },
  };
}

const emptyTexts = { prefix: '', suffix: '', snippets: [], recentEdits: [], diagnostics: [], tokens: 0, redactions: 0 };

function isOpenToOthers({ uri }: DocumentSnapshot): boolean {
  return schemePolicy(schemeOf(uri)) === 'full';
}

function isBinary(text: TextSnapshot): boolean {
  return text.slice(0, BINARY_SAMPLE).includes('\0');
}

function reader({ redactSecrets }: ContextSettings): (text: TextSnapshot, start: number, end: number) => RedactedSlice {
  return redactSecrets ? redactedSlice : (text, start, end) => ({ text: text.slice(start, end), redactions: 0 });
}

/** The names of the lines around the cursor, without the word that is being typed: it is in no other document yet. */
function wordsAround({ text, cursor }: TextAround): Set<string> {
  let wordStart = cursor;
  while (wordStart > 0 && /[\w$]/.test(text[wordStart - 1] ?? '')) wordStart--;
  const before = text.slice(0, wordStart).split('\n').slice(-LINES_BEFORE);
  const after = text.slice(cursor).split('\n', LINES_AFTER);
  return identifiersOf([...before, ...after].join('\n'));
}
