/** The numbers by which proposals are judged: everything that the ranker may know of one, and no more. */
import type { Candidate } from './candidates.ts';
import type { CursorQuery } from './cursor-query.ts';
import { isName, knownTokens, type Searchable } from './matches.ts';

/** Tokens around the cursor in which a name counts as known to the document. */
const KNOWN_WITHIN = 20_000;
/** Slots that tell most other words from names at once; a table of all words would fill the heap at every suggestion. */
const FILTER = 8192;
/** A name that occurs so often or less, in the workspace and the document together, is rare. */
const RARE = 2;

/** Computes the features of candidates that compete for one cursor; the ranker knows them by their order. */
export function featuresOf(query: CursorQuery, searchable: Searchable, candidates: readonly Candidate[]): number[][] {
  // As a logarithm: evidence is worth less where little was seen.
  const world = Math.log10(knownTokens(query, searchable)) / 3;
  const shares = topTwo(candidates.map(({ share }) => share));
  const bagShares = topTwo(candidates.map(({ bagShare }) => bagShare));
  const namesOf = candidates.map(({ ids }) =>
    ids.map((id) => id >>> 1).filter((word) => isName(searchable.vocabulary, word)),
  );
  const known = occurrencesNearby(query, namesOf.flat());
  return candidates.map((candidate, position) => {
    const { share, bagShare, text, ids } = candidate;
    const names = namesOf[position] ?? [];
    const unknown = names.filter((word) => known.get(word) === 0).length;
    const rare = names.filter((word) => occurrences(word, searchable) + (known.get(word) ?? 0) <= RARE).length;
    return Object.values({
      score: Math.min(candidate.bestScore, 30) / 10,
      exact: Math.min(candidate.bestExact, 24) / 10,
      supporters: Math.log(candidate.supporters),
      share,
      bagShare,
      shareLead: share - (share === shares.first ? shares.second : shares.first),
      bagShareLead: bagShare - (bagShare === bagShares.first ? bagShares.second : bagShares.first),
      inDocument: candidate.inDocument,
      inFolder: candidate.inFolder,
      nearness: 1 / (1 + candidate.distance / 10),
      renamed: candidate.isRenamed ? 1 : 0,
      mismatches: candidate.mismatches / 4,
      agreesBelow: candidate.agreesBelow,
      similarity: candidate.bestSimilarity,
      repeatsAbove: (query.linePrefix + text).trim() === query.lineAbove ? 1 : 0,
      unknownNames: Math.min(unknown, 4) / 2,
      rareNames: Math.min(rare, 4) / 2,
      tokens: Math.log(1 + ids.length),
      length: Math.min(text.length, 80) / 40,
      isLineStart: query.isLineStart ? 1 : 0,
      partial: Math.min(query.partial.length, 10) / 5,
      isHealed: query.partial === '' ? 0 : 1,
      candidates: Math.log(candidates.length),
      isEmpty: text === '' ? 1 : 0,
      endsOpen: /[([{,]$/.test(text) ? 1 : 0,
      shareSquared: share * share,
      bagShareOfMany: bagShare * Math.log(candidate.supporters),
      world,
      shareInWorld: share * world,
    });
  });
}

function topTwo(values: readonly number[]): { first: number; second: number } {
  let first = 0;
  let second = 0;
  for (const value of values) {
    if (value > first) {
      second = first;
      first = value;
    } else if (value > second) second = value;
  }
  return { first, second };
}

/** How often each of the names occurs in the document near the cursor, outside the hole. */
function occurrencesNearby(query: CursorQuery, names: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  const mayBeName = new Uint8Array(FILTER);
  for (const name of names) {
    counts.set(name, 0);
    mayBeName[name % FILTER] = 1;
  }
  const note = (id: number): void => {
    const word = id >>> 1;
    if (mayBeName[word % FILTER] === 0) return;
    const count = counts.get(word);
    if (count !== undefined) counts.set(word, count + 1);
  };
  const { document, line, below, typed } = query;
  const above = document.startOf(line);
  for (let index = Math.max(0, above - KNOWN_WITHIN); index < above; index++) {
    note(document.ids[index] as number);
  }
  const end = Math.min(document.length, below + KNOWN_WITHIN);
  for (let index = below; index < end; index++) {
    note(document.ids[index] as number);
  }
  for (const id of typed) note(id);
  return counts;
}

function occurrences(word: number, { index }: Searchable): number {
  if (index === undefined || word + 1 >= index.buckets.length) return 0;
  return (index.buckets[word + 1] as number) - (index.buckets[word] as number);
}
