/**
 * Sorts every place of a token sequence by what comes before it, so that all places that share the
 * longest context with a cursor are one interval. Counting sort on the last token, then three-way
 * radix quicksort (Bentley and Sedgewick, "Fast algorithms for sorting and searching strings", 1997).
 *
 * Tokens are compared by word alone: white space before a token does not set contexts apart.
 */
import { FILE_END } from './vocabulary.ts';

/** Tokens of context that the order looks at. Depth 12 instead costs 1.1 points of exact matches. */
export const DEPTH = 24;

/** Below this many places, insertion sort is faster than partitioning. */
const SMALL = 16;

/** Places in the order of their contexts, and where each last word's places begin among them. */
export interface SuffixArray {
  /** Every place `p >= 1`; the context of `p` is `ids[p-1], ids[p-2], …`. */
  readonly places: Uint32Array<ArrayBuffer>;
  /** By word: the first of the places that come after it; one entry more than there are words. */
  readonly buckets: Uint32Array<ArrayBuffer>;
}

/** Sorts the places of `ids`, whose words are all below `words`. */
export function buildSuffixArray(ids: Uint32Array<ArrayBuffer>, words: number): SuffixArray {
  const buckets = new Uint32Array(words + 1);
  const count = Math.max(0, ids.length - 1);
  for (let place = 1; place <= count; place++) {
    const next = ((ids[place - 1] as number) >>> 1) + 1;
    buckets[next] = (buckets[next] as number) + 1;
  }
  for (let word = 0; word < words; word++) {
    buckets[word + 1] = (buckets[word + 1] as number) + (buckets[word] as number);
  }
  const places = new Uint32Array(count);
  const next = buckets.slice();
  for (let place = 1; place <= count; place++) {
    const word = (ids[place - 1] as number) >>> 1;
    const at = next[word] as number;
    places[at] = place;
    next[word] = at + 1;
  }
  const sorter: Sorter = { ids, places, keys: new Uint32Array(count) };
  for (let word = FILE_END + 1; word < words; word++) {
    sortRange(sorter, buckets[word] as number, buckets[word + 1] as number, 2);
  }
  return { places, buckets };
}

/** The word `depth` tokens before `place`; the start of the sequence counts as a file's end. */
export function wordBefore(ids: Uint32Array, place: number, depth: number): number {
  return place >= depth ? (ids[place - depth] as number) >>> 1 : FILE_END;
}

/** An interval of the sorted places: from `low` up to but not including `high`. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The intervals of the places that share the last 1, 2, 3… words with a context, until none is left.
 * @param context the words before the cursor, the nearest first.
 */
export function intervalsOf(
  ids: Uint32Array,
  { places, buckets }: SuffixArray,
  context: ArrayLike<number>,
): Interval[] {
  const intervals: Interval[] = [];
  const first = context[0];
  if (first === undefined || first + 1 >= buckets.length) return intervals;
  let low = buckets[first] as number;
  let high = buckets[first + 1] as number;
  for (let depth = 1; low < high; depth++) {
    intervals.push({ low, high });
    const word = context[depth];
    if (word === undefined || depth >= DEPTH || context[depth - 1] === FILE_END) break;
    low = lowerBound(ids, places, low, high, depth + 1, word);
    high = lowerBound(ids, places, low, high, depth + 1, word + 1);
  }
  return intervals;
}

function lowerBound(
  ids: Uint32Array,
  places: Uint32Array,
  from: number,
  to: number,
  depth: number,
  word: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (wordBefore(ids, places[middle] as number, depth) < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Sorter {
  readonly ids: Uint32Array;
  readonly places: Uint32Array;
  /** The word of each place at the depth being sorted: one far memory access instead of many. */
  readonly keys: Uint32Array;
}

/** Sorts the places `from`…`to`, which agree on all words nearer than `depth`. */
function sortRange(sorter: Sorter, from: number, to: number, depth: number): void {
  if (to - from < 2 || depth > DEPTH) return;
  if (to - from < SMALL) {
    sortFew(sorter, from, to, depth);
    return;
  }
  const { ids, places, keys } = sorter;
  for (let index = from; index < to; index++) {
    keys[index] = wordBefore(ids, places[index] as number, depth);
  }
  partition(sorter, from, to, depth);
}

/** As {@link sortRange}, once the keys of that depth are loaded. Recurses on the smaller side only. */
function partition(sorter: Sorter, from: number, to: number, depth: number): void {
  const { places, keys } = sorter;
  let start = from;
  let end = to;
  while (end - start > 1) {
    const pivot = medianKey(keys, start, end);
    let low = start;
    let high = end;
    for (let index = start; index < high; ) {
      const key = keys[index] as number;
      if (key < pivot) swap(places, keys, low++, index++);
      else if (key > pivot) swap(places, keys, index, --high);
      else index++;
    }
    if (pivot !== FILE_END) sortRange(sorter, low, high, depth + 1);
    if (low - start < end - high) {
      partition(sorter, start, low, depth);
      start = high;
    } else {
      partition(sorter, high, end, depth);
      end = low;
    }
  }
}

function medianKey(keys: Uint32Array, from: number, to: number): number {
  const first = keys[from] as number;
  const middle = keys[(from + to) >>> 1] as number;
  const last = keys[to - 1] as number;
  if (first < middle) return middle < last ? middle : Math.max(first, last);
  return first < last ? first : Math.max(middle, last);
}

function swap(places: Uint32Array, keys: Uint32Array, one: number, other: number): void {
  const place = places[one] as number;
  places[one] = places[other] as number;
  places[other] = place;
  const key = keys[one] as number;
  keys[one] = keys[other] as number;
  keys[other] = key;
}

function sortFew({ ids, places }: Sorter, from: number, to: number, depth: number): void {
  for (let index = from + 1; index < to; index++) {
    const place = places[index] as number;
    let slot = index;
    while (slot > from && isBefore(ids, place, places[slot - 1] as number, depth)) {
      places[slot] = places[slot - 1] as number;
      slot--;
    }
    places[slot] = place;
  }
}

function isBefore(ids: Uint32Array, one: number, other: number, from: number): boolean {
  for (let depth = from; depth <= DEPTH; depth++) {
    const mine = wordBefore(ids, one, depth);
    const theirs = wordBefore(ids, other, depth);
    if (mine !== theirs) return mine < theirs;
    if (mine === FILE_END) return false;
  }
  return false;
}
