/** Judges how probable it is that a proposal is exactly the line that the user is about to write. */
import type { Candidate } from './candidates.ts';
import type { CursorQuery } from './cursor-query.ts';
import { featuresOf } from './features.ts';
import type { Searchable } from './matches.ts';
import { WEIGHTS } from './weights.ts';

/** Proposals that are judged; the rest has too few votes to win. */
const JUDGED = 20;

/** A proposal with its probability, 0…1. */
export interface Ranked {
  readonly candidate: Candidate;
  readonly probability: number;
}

/** The proposals with most votes. */
export function shortlist(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates].sort(byVotes).slice(0, JUDGED);
}

function byVotes(one: Candidate, other: Candidate): number {
  return other.share + other.bagShare - one.share - one.bagShare;
}

/** Judges the proposals with most votes, the most probable first. */
export function rank(query: CursorQuery, searchable: Searchable, candidates: readonly Candidate[]): Ranked[] {
  const judged = shortlist(candidates);
  const features = featuresOf(query, searchable, judged);
  return judged
    .map((candidate, position) => ({
      candidate,
      probability: probabilityOf(features[position] as number[]),
    }))
    .sort((one, other) => other.probability - one.probability);
}

function probabilityOf(features: readonly number[]): number {
  let sum = WEIGHTS[0] as number;
  for (const [position, feature] of features.entries()) {
    sum += feature * (WEIGHTS[position + 1] as number);
  }
  return 1 / (1 + Math.exp(-sum));
}
