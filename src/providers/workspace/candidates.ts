/**
 * Turns matches into the lines they propose: the rest of a match's line as it stands, and a copy in
 * which the words that differed in the context are renamed to ours. Equal proposals add up their votes.
 */
import { type Fit, fitTo } from './brackets.ts';
import { CONTEXT_TOKENS, type CursorQuery } from './cursor-query.ts';
import { cutToState, stateBefore } from './line-state.ts';
import { isName, type Match, type Searchable } from './matches.ts';
import { fileAt } from './static-index.ts';
import { surroundingsOf } from './surroundings.ts';
import { FIRST_WORD, isLineEnd, type Vocabulary } from './vocabulary.ts';

/** Tokens of a line that are copied at most. */
const LONGEST_LINE = 60;
/** What a full overlap of names adds to a score (in words of context) when bags vote. */
const BAG_WEIGHT = 4;
/** Tokens of the line below that are compared with the line below a match. */
const COMPARED_BELOW = 8;

/** One proposed rest of the line with the evidence for it. */
export interface Candidate {
  /** Token ids, the word being typed included as a whole. Empty when the line should end here. */
  readonly ids: readonly number[];
  /** What would be inserted at the cursor. */
  readonly text: string;
  readonly isRenamed: boolean;
  /** Matches that propose it. */
  supporters: number;
  /** Share of all votes, 0…1: by score, and by score and surroundings. */
  share: number;
  bagShare: number;
  /** Share of its own votes whose following line agrees with the text below the cursor. */
  agreesBelow: number;
  /** Share of its own votes that come from the document itself, and from its folder. */
  inDocument: number;
  inFolder: number;
  bestScore: number;
  bestExact: number;
  /** Words stepped over by the best match. */
  mismatches: number;
  bestSimilarity: number;
  /** Lines from the cursor to the nearest match in the document; Infinity when there is none. */
  distance: number;
}

/** Tells whether a file of the index lies in the same folder as the document. */
export type FolderTest = (file: number) => boolean;

/** Gathers the proposals of the matches, with their votes. */
export function gatherCandidates(
  query: CursorQuery,
  searchable: Searchable,
  matches: readonly Match[],
  isInFolder: FolderTest,
): Candidate[] {
  const { vocabulary } = searchable;
  const ballot = new Ballot(query, vocabulary);
  const surroundings = surroundingsOf(query, searchable);
  const top = matches.reduce((most, { score }) => Math.max(most, score), 0);
  const ours = stateBefore(query.typed, query.typed.length, 0, vocabulary);
  const below = wordsOfLine(query.document.ids, query.below + 1, query.document.length);
  for (const match of matches) {
    const similarity = surroundings.similarity(match);
    const weight = Math.exp((match.score - top) / 2);
    const { source, place } = match;
    const rest = restOfLine(source.ids, place, source.length);
    const isOwn = source.document === query.document;
    const theirs = stateBefore(source.ids, place, 0, vocabulary);
    const fitting = cutToState(rest, theirs, ours, vocabulary);
    ballot.vote(match, fitting, {
      weight,
      bagWeight: weight * Math.exp(BAG_WEIGHT * (similarity - 1)),
      similarity,
      agreesBelow: agreement(match, rest.length, below),
      isOwn,
      isNear: isOwn || (source.document === undefined && isInFolder(fileOf(searchable, place))),
      isCutAway: fitting.length === 0 && rest.length > 0,
      distance: isOwn ? Math.abs(query.document.lineOf(place) - query.line) : Infinity,
    });
  }
  return ballot.count();
}

function fileOf({ index }: Searchable, place: number): number {
  return index === undefined ? -1 : fileAt(index, place);
}

/** What one match brings to its proposals. */
interface Vote {
  readonly weight: number;
  readonly bagWeight: number;
  readonly similarity: number;
  readonly agreesBelow: number;
  readonly isOwn: boolean;
  readonly isNear: boolean;
  /** Whether nothing of the line fits here. */
  readonly isCutAway: boolean;
  readonly distance: number;
}

class Ballot {
  private readonly candidates = new Map<string, Candidate>();
  private total = 0;
  private bagTotal = 0;
  private readonly query: CursorQuery;
  private readonly vocabulary: Vocabulary;
  private readonly fit: Fit;

  constructor(query: CursorQuery, vocabulary: Vocabulary) {
    this.query = query;
    this.vocabulary = vocabulary;
    this.fit = fitTo(query, vocabulary);
  }

  vote(match: Match, rest: readonly number[], vote: Vote): void {
    this.total += vote.weight;
    this.bagTotal += vote.bagWeight;
    if (vote.isCutAway) return;
    this.add(match, rest, vote, false);
    if (match.mismatches === 0) return;
    const renamed = rename(match, rest, this.query, this.vocabulary);
    if (renamed !== undefined) this.add(match, renamed, vote, true);
  }

  count(): Candidate[] {
    const candidates = [...this.candidates.values()];
    for (const candidate of candidates) {
      candidate.agreesBelow /= candidate.share;
      candidate.inDocument /= candidate.share;
      candidate.inFolder /= candidate.share;
      candidate.share /= this.total;
      candidate.bagShare /= this.bagTotal;
    }
    return candidates;
  }

  private add(match: Match, ids: readonly number[], vote: Vote, isRenamed: boolean): void {
    const fitted = this.fit(ids);
    const text = textOf(fitted, this.query, this.vocabulary);
    let candidate = this.candidates.get(text);
    if (candidate === undefined) {
      candidate = emptyCandidate(fitted, text, isRenamed);
      this.candidates.set(text, candidate);
    }
    candidate.supporters++;
    candidate.share += vote.weight;
    candidate.bagShare += vote.bagWeight;
    candidate.agreesBelow += vote.weight * vote.agreesBelow;
    if (vote.isOwn) candidate.inDocument += vote.weight;
    if (vote.isNear) candidate.inFolder += vote.weight;
    candidate.distance = Math.min(candidate.distance, vote.distance);
    candidate.bestSimilarity = Math.max(candidate.bestSimilarity, vote.similarity);
    if (match.score > candidate.bestScore) {
      candidate.bestScore = match.score;
      candidate.mismatches = match.mismatches;
    }
    candidate.bestExact = Math.max(candidate.bestExact, match.exact);
  }
}

function emptyCandidate(ids: readonly number[], text: string, isRenamed: boolean): Candidate {
  return {
    ids,
    text,
    isRenamed,
    supporters: 0,
    share: 0,
    bagShare: 0,
    agreesBelow: 0,
    inDocument: 0,
    inFolder: 0,
    bestScore: 0,
    bestExact: 0,
    mismatches: 0,
    bestSimilarity: 0,
    distance: Infinity,
  };
}

/** The tokens from `place` to the end of its line. */
function restOfLine(ids: Uint32Array, place: number, length: number): number[] {
  const rest: number[] = [];
  for (let index = place; index < length && rest.length < LONGEST_LINE; index++) {
    const id = ids[index] as number;
    // A word too long to be offered ends the copy, as the end of the line does.
    if (id >>> 1 < FIRST_WORD) break;
    rest.push(id);
  }
  return rest;
}

/** The words of the line that begins at `from`, as many as are compared. */
function wordsOfLine(ids: Uint32Array, from: number, length: number): number[] {
  const words: number[] = [];
  for (let index = from; index < length && words.length < COMPARED_BELOW; index++) {
    const word = (ids[index] as number) >>> 1;
    if (isLineEnd(word)) break;
    words.push(word);
  }
  return words;
}

/** The share of the words below the cursor that also begin the line below a match. */
function agreement(match: Match, restLength: number, below: readonly number[]): number {
  if (below.length === 0) return 0;
  const { ids, length } = match.source;
  // Past the rest of the line and its line break.
  const start = match.place + restLength + 1;
  let equal = 0;
  while (equal < below.length && start + equal < length && (ids[start + equal] as number) >>> 1 === below[equal]) {
    equal++;
  }
  return equal / below.length;
}

/** A copy with the match's differing words replaced by ours, or undefined when none occurs in it. */
function rename(
  match: Match,
  rest: readonly number[],
  { context, partial }: CursorQuery,
  vocabulary: Vocabulary,
): number[] | undefined {
  const ours = new Map<number, number>();
  const { ids } = match.source;
  let left = match.mismatches;
  for (let depth = match.exact; left > 0 && depth < CONTEXT_TOKENS; depth++) {
    const theirs = (ids[match.place - 1 - depth] as number) >>> 1;
    const own = context[depth];
    if (own === undefined || !isName(vocabulary, theirs)) break;
    if (own === theirs) continue;
    left--;
    if (!ours.has(theirs)) ours.set(theirs, own);
  }
  let isChanged = false;
  const renamed = rest.map((id, position) => {
    const own = ours.get(id >>> 1);
    // The word being typed is already fixed by what is typed of it.
    if (own === undefined || (position === 0 && partial !== '')) return id;
    isChanged = true;
    return own * 2 + (id & 1);
  });
  return isChanged ? renamed : undefined;
}

/** What inserting these tokens at the cursor adds, their white space as single spaces. */
export function textOf(
  ids: readonly number[],
  { partial, isSpaced, isLineStart }: CursorQuery,
  vocabulary: Vocabulary,
): string {
  let text = '';
  for (const [position, id] of ids.entries()) {
    const word = vocabulary.textOf(id >>> 1);
    if (position > 0) text += (id & 1) === 1 ? ` ${word}` : word;
    else if (partial !== '') text = word.startsWith(partial) ? word.slice(partial.length) : '';
    else text = (id & 1) === 1 && !isSpaced && !isLineStart ? ` ${word}` : word;
  }
  return text;
}
