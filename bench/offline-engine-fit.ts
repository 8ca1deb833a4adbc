/**
 * Makes the offline engine's ranker weights again: logistic regression (Newton's method, ridge penalty) on the
 * proposals for points in files that were held out of an index. Run it with folders of source as arguments; keep the
 * repositories that accuracy is judged on out of them.
 */
import { dirname } from 'node:path';
import { gatherCandidates } from '../src/providers/workspace/candidates.ts';
import { readCursor } from '../src/providers/workspace/cursor-query.ts';
import { FEATURES, featuresOf } from '../src/providers/workspace/features.ts';
import { findMatches } from '../src/providers/workspace/matches.ts';
import { OpenDocument } from '../src/providers/workspace/open-document.ts';
import { shortlist } from '../src/providers/workspace/ranker.ts';
import { pathOfFile } from '../src/providers/workspace/static-index.ts';
import { Vocabulary } from '../src/providers/workspace/vocabulary.ts';
import { type HeldOut, holdOut, judgedKinds, mixedHole, type PointKind, readCorpus } from './offline-engine-corpus.ts';

/** One proposal: its features with a leading 1, and whether it was right. */
export interface Example {
  readonly features: readonly number[];
  readonly isRight: boolean;
}

/** One cursor in seven stands behind a complete line, so that the ranker learns when to be silent. */
const fittedKinds: readonly PointKind[] = [...judgedKinds, ...judgedKinds, 'end'];

const RIDGE = 1;
const STEPS = 12;

/** The judged proposals for every point of a held-out set. */
export function examplesOf({ index, points }: HeldOut): Example[] {
  const examples: Example[] = [];
  const vocabulary = new Vocabulary(index.vocabulary);
  const paths = new Vocabulary(index.paths);
  for (const { path, lines, line, character, target } of points) {
    const document = new OpenDocument(lines, vocabulary);
    const query = readCursor({ document, lines, line, character }, vocabulary);
    const searchable = { vocabulary, index, masked: [], others: [] };
    const isNear = (file: number): boolean => dirname(pathOfFile(paths, file)) === dirname(path);
    const candidates = shortlist(gatherCandidates(query, searchable, findMatches(query, searchable), isNear));
    for (const [position, features] of featuresOf(query, searchable, candidates).entries()) {
      examples.push({ features: [1, ...features], isRight: candidates[position]?.text === target });
    }
  }
  return examples;
}

/** The weights under which the examples are most probable. */
export function fitLogistic(examples: readonly Example[]): number[] {
  const size = FEATURES.length + 1;
  let weights = new Array<number>(size).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((weight, index) => (index === 0 ? 0 : -RIDGE * weight));
    const curvature = weights.map((_, row) => weights.map((_, column) => (row === column ? RIDGE : 0) as number));
    for (const { features, isRight } of examples) {
      const sum = features.reduce((total, feature, index) => total + feature * (weights[index] ?? 0), 0);
      const probability = 1 / (1 + Math.exp(-sum));
      const error = (isRight ? 1 : 0) - probability;
      const spread = probability * (1 - probability);
      for (const [row, feature] of features.entries()) {
        if (feature === 0) continue;
        gradient[row] = (gradient[row] ?? 0) + error * feature;
        const line = curvature[row] ?? [];
        for (const [column, other] of features.entries()) line[column] = (line[column] ?? 0) + spread * feature * other;
      }
    }
    const change = solve(curvature, gradient);
    weights = weights.map((weight, index) => weight + (change[index] ?? 0));
  }
  return weights;
}

/** Gauss elimination with pivoting; the matrix is positive definite through the ridge. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let pivot = 0; pivot < size; pivot++) {
    let best = pivot;
    for (let row = pivot + 1; row < size; row++) if (Math.abs(at(row, pivot)) > Math.abs(at(best, pivot))) best = row;
    [rows[pivot], rows[best]] = [rows[best] ?? [], rows[pivot] ?? []];
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = at(row, pivot) / at(pivot, pivot);
      rows[row] = (rows[row] ?? []).map((value, column) => value - factor * at(pivot, column));
    }
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

/** Reads the folders, fits, and gives the weights as they stand in the engine. */
export function fitFolders(folders: readonly string[], seeds: readonly number[], points: number): number[] {
  const examples = folders.flatMap((folder) => {
    const corpus = readCorpus(folder, 8_000_000);
    return seeds.flatMap((seed) => examplesOf(holdOut(corpus, points, seed, mixedHole, fittedKinds)));
  });
  return fitLogistic(examples).map((weight) => Math.round(weight * 1000) / 1000);
}
