/**
 * Decides what is shown: a whole line that is probable enough, else as much of one as the proposals
 * agree on, else nothing. A wrong offer costs the user more than none.
 */
import { type Candidate, textOf } from './candidates.ts';
import type { CursorQuery } from './cursor-query.ts';
import { isName, knownTokens, type Searchable } from './matches.ts';
import type { Ranked } from './ranker.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Why nothing is shown. */
export type SilentReason =
  | 'unknown-document'
  | 'outside-document'
  | 'long-line'
  | 'inside-word'
  | 'no-match'
  | 'unsure'
  | 'line-complete'
  | 'repeats-line'
  | 'too-short';

/** An answer of the engine. */
export type Suggestion =
  | {
      readonly kind: 'offer';
      /** Text to insert at the cursor: one line, without a line break. */
      readonly text: string;
      /** Probability, 0…1, that it is right. */
      readonly score: number;
      readonly isWholeLine: boolean;
    }
  | { readonly kind: 'silent'; readonly reason: SilentReason };

/** Probability from which an offer is shown: right in about 73 of 100 cases. */
export const DEFAULT_THRESHOLD = 0.4;
/** The same where the user asked for an offer and expects one: right as far as it goes in 7 of 10 cases. */
export const EAGER_THRESHOLD = 0.25;
/** Tokens, about 100 kB of source, below which little is known: offers are then right less often than they look. */
const LITTLE_KNOWN = 25_000;
/** Found on repositories other than those that accuracy is judged on: as many offers are right as in a whole workspace. */
const LITTLE_KNOWN_FACTOR = 1.25;
/** Comments and other prose rarely repeat: offers in them are right less often than they look. */
const PROSE_FACTOR = 1.5;
/** Fewer characters than this are typed faster than read. */
const SHORTEST_OFFER = 3;

/** Chooses what to show. */
export function chooseOffer(
  query: CursorQuery,
  ranked: readonly Ranked[],
  searchable: Searchable,
  threshold: number,
  lastOffer: string | undefined,
): Suggestion {
  const best = ranked[0];
  if (best === undefined) return silent('no-match');
  const least = threshold * caution(query, searchable);
  const whole = best.probability >= least ? offerOf(best.candidate.text, best.probability, true) : undefined;
  const offer = whole ?? longestAgreed(query, ranked, searchable.vocabulary, least);
  if (offer === undefined) return silent('unsure');
  if (offer.text === '') return silent('line-complete');
  if (repeats(query, offer.text, lastOffer)) return silent('repeats-line');
  return offer.text.trim().length < SHORTEST_OFFER ? silent('too-short') : offer;
}

/** How many times more probable than usual an offer must be here. */
function caution(query: CursorQuery, searchable: Searchable): number {
  if (isProse(query.linePrefix)) return PROSE_FACTOR;
  return knownTokens(query, searchable) < LITTLE_KNOWN ? LITTLE_KNOWN_FACTOR : 1;
}

/** Answers with nothing. */
export function silent(reason: SilentReason): Suggestion {
  return { kind: 'silent', reason };
}

interface Offer {
  readonly kind: 'offer';
  readonly text: string;
  readonly score: number;
  readonly isWholeLine: boolean;
}

function offerOf(text: string, score: number, isWholeLine: boolean): Offer {
  return { kind: 'offer', text, score: Math.min(1, score), isWholeLine };
}

/** The longest beginning of a proposal whose proposals are together probable enough. */
function longestAgreed(
  query: CursorQuery,
  ranked: readonly Ranked[],
  vocabulary: Vocabulary,
  least: number,
): Offer | undefined {
  const sums = new Map<string, number>();
  for (const { candidate, probability } of ranked) {
    for (const text of beginnings(candidate, query, vocabulary)) {
      sums.set(text, (sums.get(text) ?? 0) + probability);
    }
  }
  let longest: Offer | undefined;
  for (const [text, sum] of sums) {
    if (sum < least || (longest !== undefined && text.length <= longest.text.length)) continue;
    longest = offerOf(text, sum, false);
  }
  return longest;
}

/** What a proposal begins with, up to the end of each name and of each bracket or string that it closes. */
function beginnings({ ids }: Candidate, query: CursorQuery, vocabulary: Vocabulary): string[] {
  const texts: string[] = [];
  for (const [position, id] of ids.entries()) {
    const text = textOf(ids.slice(0, position + 1), query, vocabulary);
    if (isName(vocabulary, id >>> 1) || endsClosed(query.linePrefix + text)) texts.push(text);
  }
  return texts;
}

/** Whether a line ends with what closes a bracket or a string, or with a semicolon. */
function endsClosed(line: string): boolean {
  const last = line.at(-1) ?? '';
  if (/["'`]/.test(last)) return line.split(last).length % 2 === 1;
  return /[)\]};]/.test(last);
}

/** Whether an offer would repeat the line below, or what was offered for the line above. */
function repeats(query: CursorQuery, text: string, lastOffer: string | undefined): boolean {
  const line = (query.linePrefix + text).trim();
  return line === query.lineBelow || line === lastOffer;
}

/** Whether the line up to the cursor begins a comment in any of the usual notations. */
function isProse(linePrefix: string): boolean {
  return /^\s*(?:\/\/|\/\*|\*(?:\s|$)|#(?:\s|$)|--\s|;;|"""|<!--|%\s)/.test(linePrefix);
}
