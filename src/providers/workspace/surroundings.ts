/**
 * How alike the names around a match and around the cursor are: tells apart places that share the same
 * few words of context, because code that speaks of the same things continues alike.
 */
import type { CursorQuery } from './cursor-query.ts';
import { isName, type Match, type Searchable } from './matches.ts';

/** Tokens looked at before and after a place. */
const BEFORE = 80;
const AFTER = 45;
/** Tokens at which a name counts half. */
const HALF_DISTANCE = 20;

interface Name {
  readonly weight: number;
  /** The last match that counted this name. */
  seenBy: number;
}

/** Compares matches with the surroundings of one cursor. */
export interface Surroundings {
  /** The share, 0…1, of the cursor's names (weighted by rarity and nearness) that stand around a match. */
  similarity(match: Match): number;
}

/** Collects the names around the cursor. */
export function surroundingsOf(query: CursorQuery, searchable: Searchable): Surroundings {
  const names = new Map<number, Name>();
  let total = 0;
  const add = (word: number, distance: number): void => {
    if (names.has(word) || !isName(searchable.vocabulary, word)) return;
    const weight = rarity(word, searchable) / (1 + distance / HALF_DISTANCE);
    names.set(word, { weight, seenBy: -1 });
    total += weight;
  };
  const { document, typed, line, below } = query;
  for (let index = typed.length - 1; index >= 0; index--) {
    add((typed[index] as number) >>> 1, typed.length - index);
  }
  const above = document.startOf(line);
  const first = Math.max(0, above - BEFORE);
  for (let index = above - 1; index >= first; index--) {
    add((document.ids[index] as number) >>> 1, typed.length + above - index);
  }
  const last = Math.min(document.length, below + AFTER);
  for (let index = below; index < last; index++) {
    add((document.ids[index] as number) >>> 1, index - below + 1);
  }
  let matchNumber = 0;
  return {
    similarity({ source, place }) {
      if (total === 0) return 0;
      matchNumber++;
      let shared = 0;
      const end = Math.min(source.length, place + AFTER);
      for (let index = Math.max(0, place - BEFORE); index < end; index++) {
        const name = names.get((source.ids[index] as number) >>> 1);
        if (name === undefined || name.seenBy === matchNumber) continue;
        name.seenBy = matchNumber;
        shared += name.weight;
      }
      return shared / total;
    },
  };
}

/** Logarithm of how rarely a word occurs; words that only open documents know are the rarest. */
function rarity(word: number, { index }: Searchable): number {
  if (index === undefined) return 1;
  const known = word + 1 < index.buckets.length;
  const count = known ? (index.buckets[word + 1] as number) - (index.buckets[word] as number) : 0;
  return Math.log(1 + (index.ids.length + 1000) / (1 + count));
}
