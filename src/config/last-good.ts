/** What holds of a layer that says something unusable: what it validly said there before. */
import type { SettingsIssue } from './issue.ts';
import { union } from './merge.ts';
import type { LayerReading, Said } from './read-layer.ts';

export interface LayerState {
  readonly said: ReadonlyMap<string, Said>;
  readonly issues: readonly SettingsIssue[];
}

/** Where the layer now says something unusable, what it said there before stays. */
export function keepLastGood(reading: LayerReading, before: ReadonlyMap<string, Said> = new Map()): LayerState {
  const said = new Map(reading.said);
  for (const [path, last] of before) {
    const isLost = reading.unusable.some((lost) => lost === '' || path === lost || path.startsWith(`${lost}.`));
    if (isLost) said.set(path, withLast(said.get(path), last));
  }
  return { said, issues: reading.issues };
}

/** Of a list that only grows both count: what of it cannot be used may be a new form of what it said before. */
function withLast(now: Said | undefined, last: Said): Said {
  return now === undefined || now.leaf.grows === undefined
    ? (now ?? last)
    : { ...now, value: union(last.value, now.value) };
}
