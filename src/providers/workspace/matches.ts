/**
 * Finds the places whose context is most like the cursor's: in the open documents by scanning, in the
 * workspace's files through the sorted contexts. A few differing words are stepped over, because a
 * repeated pattern with other names is still the pattern.
 */
import { classOf, WORD } from './characters.ts';
import { CONTEXT_TOKENS, type CursorQuery } from './cursor-query.ts';
import type { OpenDocument } from './open-document.ts';
import type { StaticIndex, TokenRange } from './static-index.ts';
import { intervalsOf } from './suffix-array.ts';
import { FILE_END, FIRST_WORD, LONG_WORD, type Vocabulary } from './vocabulary.ts';

/** Where tokens were learnt. */
export interface TokenSource {
  readonly ids: Uint32Array;
  /** Tokens that count. */
  readonly length: number;
  /** The open document, or undefined for the index of the workspace's files. */
  readonly document: OpenDocument | undefined;
}

/** A place whose context resembles the cursor's. */
export interface Match {
  readonly source: TokenSource;
  /** Index of the token that stands where the cursor is. */
  readonly place: number;
  /** Words of context that agree, up to the first that does not. */
  readonly exact: number;
  /** Words that were stepped over to find further ones that agree. */
  readonly mismatches: number;
  readonly score: number;
}

/** Everything that can be searched for one request. */
export interface Searchable {
  readonly vocabulary: Vocabulary;
  readonly index: StaticIndex | undefined;
  /** Parts of the index that newer text replaces, in ascending order. */
  readonly masked: readonly TokenRange[];
  /** Open documents other than the cursor's, the most recently used first. */
  readonly others: readonly OpenDocument[];
}

/** Tokens that there are to learn from, the document's own included. */
export function knownTokens({ document }: CursorQuery, { index, others }: Searchable): number {
  let tokens = document.length + (index?.ids.length ?? 0);
  for (const other of others) tokens += other.length;
  return tokens;
}

/** How many places are looked at: the cost of a request, in exchange for its accuracy. */
export interface MatchLimits {
  readonly document: number;
  readonly index: number;
  readonly perLength: number;
  readonly best: number;
  /** Tokens of open documents scanned; about a nanosecond each. */
  readonly scanned: number;
}

export const DEFAULT_LIMITS: MatchLimits = {
  document: 2000,
  index: 4000,
  perLength: 3000,
  best: 120,
  scanned: 500_000,
};

/** Differing words stepped over in one context. */
const MOST_MISMATCHES = 4;
const FUZZY_WEIGHT = 0.7;
const MISMATCH_COST = 0.5;
/** A match in the document itself is worth one and a half words of context. */
const DOCUMENT_BONUS = 1.5;

/** The best matches for a cursor, in no particular order. */
export function findMatches(query: CursorQuery, searchable: Searchable, limits: MatchLimits = DEFAULT_LIMITS): Match[] {
  const matches: Match[] = [];
  matchDocuments(query, searchable, limits, matches);
  matchIndex(query, searchable, limits, matches);
  return bestOf(matches, limits.best);
}

function matchDocuments(
  query: CursorQuery,
  { vocabulary, others }: Searchable,
  limits: MatchLimits,
  matches: Match[],
): void {
  const { document, line, below } = query;
  const above = document.startOf(line);
  const own = sourceOf(document);
  const scan = new DocumentScan(query, vocabulary, limits.document);
  scan.backward(own, above - 1, 0);
  scan.forward(own, below + 1, below);
  let left = limits.scanned - document.length;
  for (const other of others) {
    left -= other.length;
    if (left < 0) break;
    scan.forward(sourceOf(other), 1, 0);
  }
  scan.collect(own, matches);
}

function sourceOf(document: OpenDocument): TokenSource {
  return { ids: document.ids, length: document.length, document };
}

/** Places of open documents that agree with at least the last word; the deepest are kept. */
class DocumentScan {
  private readonly hits: { source: TokenSource; place: number; bound: number; exact: number }[] = [];
  /** Hits by the length of context they share: each length has its own limit, so that many short ones hide no long one. */
  private readonly atLength = new Uint32Array(CONTEXT_TOKENS + 1);
  private readonly query: CursorQuery;
  private readonly vocabulary: Vocabulary;
  private readonly limit: number;

  constructor(query: CursorQuery, vocabulary: Vocabulary, limit: number) {
    this.query = query;
    this.vocabulary = vocabulary;
    this.limit = limit;
  }

  /** Scans from `place` up to the start of the source, nearest first. */
  backward(source: TokenSource, place: number, bound: number): void {
    const last = this.query.context[0];
    const { ids } = source;
    for (let at = place; at > bound; at--) {
      if ((ids[at - 1] as number) >>> 1 === last) this.visit(source, at, bound);
    }
  }

  /** Scans from `place` to the end of the source; contexts do not reach over `bound`. */
  forward(source: TokenSource, place: number, bound: number): void {
    const last = this.query.context[0];
    const { ids } = source;
    for (let at = place; at < source.length; at++) {
      if ((ids[at - 1] as number) >>> 1 === last) this.visit(source, at, bound);
    }
  }

  /** Scores the deepest hits and appends them. */
  collect(own: TokenSource, matches: Match[]): void {
    const { atLength } = this;
    let least = CONTEXT_TOKENS;
    for (let kept = 0; least > 1; least--) {
      kept += atLength[least] as number;
      if (kept + (atLength[least - 1] as number) > this.limit) break;
    }
    for (const { source, place, bound, exact } of this.hits) {
      if (exact < least || matches.length >= this.limit) continue;
      const bonus = source === own ? DOCUMENT_BONUS : 0;
      matches.push(scored(source, place, bound, exact, this.query, this.vocabulary, bonus));
    }
  }

  private visit(source: TokenSource, place: number, bound: number): void {
    const { query } = this;
    if (!allows(query, this.vocabulary, source.ids[place] as number)) return;
    const exact = exactLength(source.ids, place, bound, query.context);
    const count = this.atLength[exact] as number;
    if (count >= this.limit) return;
    this.atLength[exact] = count + 1;
    this.hits.push({ source, place, bound, exact });
  }
}

function matchIndex(
  query: CursorQuery,
  { vocabulary, index, masked }: Searchable,
  limits: MatchLimits,
  matches: Match[],
): void {
  if (index === undefined) return;
  const source = { ids: index.ids, length: index.ids.length, document: undefined };
  const intervals = intervalsOf(index.ids, index, query.context);
  let left = limits.index;
  const take = (from: number, to: number, most: number): void => {
    const step = Math.max(1, (to - from) / most);
    for (let at = from; at < to && left > 0; at += step) {
      const place = index.places[Math.floor(at)] as number;
      if (place >= source.length || isMasked(masked, place)) continue;
      if (!allows(query, vocabulary, index.ids[place] as number)) continue;
      const exact = exactLength(index.ids, place, 0, query.context);
      matches.push(scored(source, place, 0, exact, query, vocabulary, 0));
      left--;
    }
  };
  let inner = { low: 0, high: 0 };
  for (let depth = intervals.length - 1; depth >= 0 && left > 0; depth--) {
    const { low, high } = intervals[depth] as { low: number; high: number };
    // Only a part of the places continues a word that is half typed: look at more of them.
    const most = query.partial === '' ? limits.perLength : limits.perLength * 4;
    if (inner.high === inner.low) take(low, high, most);
    else {
      take(low, inner.low, most / 2);
      take(inner.high, high, most / 2);
    }
    inner = { low, high };
  }
}

/** Whether a token may stand at the cursor, given what is typed of it. */
function allows(query: CursorQuery, vocabulary: Vocabulary, id: number): boolean {
  const word = id >>> 1;
  if (query.partial !== '') return word >= FIRST_WORD && vocabulary.startsWith(word, query.partial);
  if (word === LONG_WORD) return false;
  if (word < FIRST_WORD) return !query.isSpaced && !query.isLineStart;
  return !query.isSpaced || (id & 1) === 1;
}

function isMasked(masked: readonly TokenRange[], place: number): boolean {
  for (const { from, to } of masked) if (place >= from && place < to) return true;
  return false;
}

function exactLength(ids: Uint32Array, place: number, bound: number, context: readonly number[]): number {
  const most = Math.min(context.length, place - bound);
  let exact = 0;
  while (exact < most && (ids[place - 1 - exact] as number) >>> 1 === context[exact]) exact++;
  return exact;
}

function scored(
  source: TokenSource,
  place: number,
  bound: number,
  exact: number,
  { context }: CursorQuery,
  vocabulary: Vocabulary,
  bonus: number,
): Match {
  const { ids } = source;
  const most = Math.min(context.length, place - bound);
  let pending = 0;
  let mismatches = 0;
  let equal = exact;
  for (let depth = exact; depth < most; depth++) {
    const word = (ids[place - 1 - depth] as number) >>> 1;
    const ours = context[depth] as number;
    if (word === ours) {
      equal++;
      mismatches += pending;
      pending = 0;
      if (word === FILE_END) break;
    } else {
      pending++;
      if (mismatches + pending > MOST_MISMATCHES) break;
      if (!isName(vocabulary, word) || !isName(vocabulary, ours)) break;
    }
  }
  const fuzzy = FUZZY_WEIGHT * (equal - exact) - MISMATCH_COST * mismatches;
  return { source, place, exact, mismatches, score: exact + Math.max(0, fuzzy) + bonus };
}

/** Whether a word is a name, keyword or number rather than an operator or a line break. */
export function isName(vocabulary: Vocabulary, word: number): boolean {
  return classOf(vocabulary.firstUnitOf(word)) === WORD;
}

/** The matches with the highest scores; of equal ones, an even sample. */
function bestOf(matches: Match[], count: number): Match[] {
  if (matches.length <= count) return matches;
  const atScore = new Uint32Array(1024);
  const slotOf = (match: Match): number => Math.min(1023, Math.round(match.score * 10));
  for (const match of matches) {
    const slot = slotOf(match);
    atScore[slot] = (atScore[slot] as number) + 1;
  }
  let slot = 1023;
  let above = 0;
  while (above + (atScore[slot] as number) < count) above += atScore[slot--] as number;
  return [...matches.filter((match) => slotOf(match) > slot), ...sample(matches, slot, slotOf, count - above)];
}

/** `count` of the matches in a slot, evenly spread. */
function sample(matches: Match[], slot: number, slotOf: (match: Match) => number, count: number): Match[] {
  const equal = matches.filter((match) => slotOf(match) === slot);
  const step = equal.length / count;
  return Array.from({ length: count }, (_, position) => equal[Math.floor(position * step)] as Match);
}
