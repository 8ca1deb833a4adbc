/**
 * Makes the offline engine's ranker again, from the proposals for points in files that were held out of an index.
 * Keep the repositories that accuracy is judged on out of the folders that it is fitted to.
 */
import { dirname } from 'node:path';
import { gatherCandidates } from '../src/providers/workspace/candidates.ts';
import { readCursor } from '../src/providers/workspace/cursor-query.ts';
import { featuresOf } from '../src/providers/workspace/features.ts';
import { findMatches } from '../src/providers/workspace/matches.ts';
import { OpenDocument } from '../src/providers/workspace/open-document.ts';
import { shortlist } from '../src/providers/workspace/ranker.ts';
import { pathOfFile } from '../src/providers/workspace/static-index.ts';
import { Vocabulary } from '../src/providers/workspace/vocabulary.ts';
import {
  type HeldOut,
  holdOut,
  judgedKinds,
  mixedHole,
  type Point,
  type PointKind,
  readCorpus,
} from './offline-engine-corpus.ts';
import { type Example, fitTrees } from './offline-engine-trees.ts';

/** One cursor in seven stands behind a complete line, so that the ranker learns when to be silent. */
const fittedKinds: readonly PointKind[] = [...judgedKinds, ...judgedKinds, 'end'];

/** Bytes read of one folder, so that no repository outweighs the others. */
const LARGEST_CORPUS = 8_000_000;
/** The size that the engine ships: larger ones gain little. */
const SIZE = { trees: 80, leaves: 8, rate: 0.2 };

/** What the engine may know besides the text at the cursor: the weights must hold in a new project too. */
const WORLDS = ['workspace', 'workspace', 'workspace', 'workspace', 'document', 'workspace', 'excerpt'] as const;
/** Lines of an excerpt on either side of the cursor. */
const EXCERPT = 20;

type Place = Pick<Point, 'lines' | 'line' | 'character'>;

function excerptOf({ lines, line, character }: Place): Place {
  const first = Math.max(0, line - EXCERPT);
  const lineCount = Math.min(lines.lineCount, line + EXCERPT) - first;
  return { lines: { lineCount, lineAt: (at) => lines.lineAt(first + at) }, line: line - first, character };
}

/** The judged proposals for every point of a held-out set. */
export function examplesOf({ index, points }: HeldOut): Example[] {
  const examples: Example[] = [];
  const vocabulary = new Vocabulary(index.vocabulary);
  const paths = new Vocabulary(index.paths);
  for (const [number, { path, target, ...point }] of points.entries()) {
    const world = WORLDS[number % WORLDS.length];
    const { lines, line, character } = world === 'excerpt' ? excerptOf(point) : point;
    const document = new OpenDocument(lines, vocabulary);
    const query = readCursor({ document, lines, line, character }, vocabulary);
    const searchable = { vocabulary, index: world === 'workspace' ? index : undefined, masked: [], others: [] };
    const isNear = (file: number): boolean => dirname(pathOfFile(paths, file)) === dirname(path);
    const candidates = shortlist(gatherCandidates(query, searchable, findMatches(query, searchable), isNear));
    for (const [position, features] of featuresOf(query, searchable, candidates).entries()) {
      examples.push({ features, isRight: candidates[position]?.text === target });
    }
  }
  return examples;
}

/** Reads the folders, fits, and gives the trees as they stand in the engine. */
export function fitFolders(folders: readonly string[], seeds: readonly number[], points: number): number[] {
  const examples = folders.flatMap((folder) => {
    const corpus = readCorpus(folder, LARGEST_CORPUS);
    return seeds.flatMap((seed) => examplesOf(holdOut(corpus, points, seed, mixedHole, fittedKinds)));
  });
  return fitTrees(examples, SIZE);
}
