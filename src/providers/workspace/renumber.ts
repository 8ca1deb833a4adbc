/**
 * Moves open documents from one vocabulary to another, in steps short enough to run between two requests: a new index
 * of the workspace brings its own numbers.
 */
import type { OpenDocument } from './open-document.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Tokens renumbered in one step: well below a millisecond, once compiled. */
const TOKENS_PER_STEP = 2000;
/** A document that is edited during so many attempts is renumbered without a pause. */
const MOST_ATTEMPTS = 3;

interface Renumbered {
  readonly edits: number;
  readonly attempts: number;
  readonly ids: Uint32Array<ArrayBuffer>;
}

/**
 * Works out the documents' numbers in the vocabulary `to`, pausing between steps while the documents go on as before.
 * The documents change only at the very end, all at once.
 * @param documents the documents open now; asked again after every pause.
 */
export function* renumberSteps(
  documents: () => readonly OpenDocument[],
  from: Vocabulary,
  to: Vocabulary,
): Generator<void, void, undefined> {
  const wordFor = translation(from, to);
  const done = new Map<OpenDocument, Renumbered>();
  for (;;) {
    const open = documents();
    const next = open.find((document) => done.get(document)?.edits !== document.edits);
    if (next === undefined) {
      for (const document of open) document.ids = done.get(document)?.ids ?? document.ids;
      return;
    }
    const attempts = (done.get(next)?.attempts ?? 0) + 1;
    const ids = next.ids.slice(0, next.length);
    const { edits } = next;
    for (let start = 0; start < ids.length; start += TOKENS_PER_STEP) {
      renumber(ids, start, Math.min(ids.length, start + TOKENS_PER_STEP), wordFor);
      if (attempts < MOST_ATTEMPTS) yield;
    }
    done.set(next, { edits, attempts, ids });
  }
}

function renumber(ids: Uint32Array, from: number, to: number, wordFor: (word: number) => number): void {
  for (let index = from; index < to; index++) {
    const id = ids[index] as number;
    ids[index] = wordFor(id >>> 1) * 2 + (id & 1);
  }
}

/** Looks every word up once; words that `from` learns meanwhile are looked up each time. */
function translation(from: Vocabulary, to: Vocabulary): (word: number) => number {
  const known = new Uint32Array(from.size);
  return (word) => {
    if (word === 0) return 0;
    const found = known[word];
    if (found === undefined) return to.adopt(from, word);
    if (found === 0) known[word] = to.adopt(from, word);
    return known[word] as number;
  };
}
