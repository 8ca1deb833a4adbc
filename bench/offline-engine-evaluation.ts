/** How often the offline engine offers, and how often it is right, on files that it has not seen. */
import { pathToFileURL } from 'node:url';
import { realPathOfUri } from '../src/providers/workspace/document-path.ts';
import { createWorkspaceEngine } from '../src/providers/workspace/engine.ts';
import type { HeldOut } from './offline-engine-corpus.ts';

/** Shares, 0…1, of all points unless said otherwise. */
export interface Evaluation {
  readonly points: number;
  readonly coverage: number;
  /** Of the offers: those that are exactly the rest of the line. */
  readonly precision: number;
  /** Of the offers: those that the rest of the line begins with. */
  readonly prefixPrecision: number;
  readonly exactMatch: number;
  /** Milliseconds of each suggestion, sorted. */
  readonly times: readonly number[];
}

/** Asks for every point at a threshold, and compares with what really followed. */
export function evaluate({ index, points }: HeldOut, threshold: number): Evaluation {
  const engine = createWorkspaceEngine(realPathOfUri);
  engine.setIndex(structuredClone(index));
  let offers = 0;
  let exact = 0;
  let prefixes = 0;
  const times: number[] = [];
  for (const { path, lines, line, character, target } of points) {
    const uri = pathToFileURL(path).href;
    engine.openDocument(uri, lines);
    const start = performance.now();
    const suggestion = engine.suggest({ uri, line, character, threshold });
    times.push(performance.now() - start);
    engine.closeDocument(uri);
    if (suggestion.kind === 'silent') continue;
    offers++;
    if (suggestion.text === target) exact++;
    if (target.startsWith(suggestion.text)) prefixes++;
  }
  times.sort((one, other) => one - other);
  return {
    points: points.length,
    coverage: offers / points.length,
    precision: exact / Math.max(1, offers),
    prefixPrecision: prefixes / Math.max(1, offers),
    exactMatch: exact / points.length,
    times,
  };
}
