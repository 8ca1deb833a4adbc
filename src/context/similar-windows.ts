/** Finds code like the code at the cursor in other open documents, within a slice of time; what does not fit is done behind the keystroke. */
import type { Clock } from '../domain/ports.ts';
import type { DocumentSnapshot } from '../domain/text.ts';
import { createWindowIndex, type WindowIndex, type WindowMatch } from './window-index.ts';

export interface SimilarWindow extends WindowMatch {
  readonly document: DocumentSnapshot;
}

export interface SimilarWindows {
  /**
   * Windows that share names with `words`, best first. A document that was never compared is worth waiting for until
   * `deadline`, on the clock; one that was compared with other words contributes what was found then, and is compared
   * with these words for the next question.
   */
  find(words: ReadonlySet<string>, documents: readonly DocumentSnapshot[], deadline: number): SimilarWindow[];
  dispose(): void;
}

interface Entry {
  readonly index: WindowIndex;
  /** The question that `matches` answers. */
  question?: string;
  matches: readonly SimilarWindow[];
}

interface Job {
  readonly words: ReadonlySet<string>;
  readonly question: string;
  readonly documents: readonly DocumentSnapshot[];
}

const PER_DOCUMENT = 2;
/** Milliseconds in which documents are compared anew at once. */
const REFRESH_SLICE = 0.5;
/** Milliseconds of background work at a time: a request that comes in meanwhile does not feel it. */
const BACKGROUND_SLICE = 2;

export function createSimilarWindows(clock: Clock): SimilarWindows {
  /** A snapshot never changes, so it is the key; the cache lives as long as the version it describes. */
  const entries = new WeakMap<DocumentSnapshot, Entry>();
  let job: Job | undefined;
  let timer: ReturnType<Clock['setTimeout']> | undefined;

  function entryOf(document: DocumentSnapshot): Entry {
    let entry = entries.get(document);
    if (entry === undefined) {
      entry = { index: createWindowIndex(document.text), matches: [] };
      entries.set(document, entry);
    }
    return entry;
  }

  /** True when every document is compared. */
  function work({ words, question, documents }: Job, deadline: number): boolean {
    const isTimeUp = (): boolean => clock.now() >= deadline;
    for (const document of documents) {
      if (entries.get(document)?.question === question) continue;
      if (isTimeUp()) return false;
      const entry = entryOf(document);
      if (!entry.index.advance(isTimeUp)) return false;
      entry.matches = entry.index.best(words, PER_DOCUMENT).map((match) => ({ ...match, document }));
      entry.question = question;
    }
    return true;
  }

  function workInBackground(): void {
    timer = undefined;
    if (job === undefined) return;
    if (work(job, clock.now() + BACKGROUND_SLICE)) job = undefined;
    else timer = clock.setTimeout(workInBackground, 0);
  }

  return {
    find(words, documents, deadline) {
      const next = { words, question: [...words].join(' '), documents };
      const refreshUntil = clock.now() + REFRESH_SLICE;
      const unknown = documents.filter((document) => entries.get(document)?.question === undefined);
      work({ ...next, documents: unknown }, deadline);
      job = work(next, Math.min(refreshUntil, deadline)) ? undefined : next;
      if (job !== undefined) timer ??= clock.setTimeout(workInBackground, 0);
      return documents
        .flatMap((document) => entries.get(document)?.matches ?? [])
        .sort((left, right) => right.score - left.score);
    },
    dispose() {
      clock.clearTimeout(timer);
      timer = undefined;
      job = undefined;
    },
  };
}
