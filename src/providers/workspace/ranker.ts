/** Judges how probable it is that a proposal is exactly the line that the user is about to write. */
import type { Candidate } from './candidates.ts';
import type { CursorQuery } from './cursor-query.ts';
import { featuresOf } from './features.ts';
import type { Searchable } from './matches.ts';
import { TREES } from './ranker-trees.ts';

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

/** Thresholds and values stand in the trees as whole numbers. */
const UNIT = 1000;

/**
 * Adds up the trees' values and makes a probability of the sum. In {@link TREES} a split is its feature, its threshold
 * and where, from its tree's start, the high side begins; a leaf is -1 and its value; each tree's length comes first.
 */
function probabilityOf(features: readonly number[]): number {
  let sum = TREES[0] as number;
  for (let header = 1; header < TREES.length; header += 1 + (TREES[header] as number)) {
    const start = header + 1;
    let at = start;
    while ((TREES[at] as number) >= 0) {
      const isLow = (features[TREES[at] as number] as number) * UNIT <= (TREES[at + 1] as number);
      at = isLow ? at + 3 : start + (TREES[at + 2] as number);
    }
    sum += TREES[at + 1] as number;
  }
  return 1 / (1 + Math.exp(-sum / UNIT));
}
