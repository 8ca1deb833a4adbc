/** Looks whether what was accepted is still there some time later: the only figure that says whether it was of use. */
import type { Clock, TimerHandle } from '../domain/ports.ts';
import type { AppliedEdit, DocumentFeed, TextSnapshot } from '../domain/text.ts';
import { nearestDistance } from '../util/nearest-distance.ts';

/** Accepted suggestions that were still there. Of a document closed before, what was there when it was closed. */
export interface KeptStats {
  readonly after30Seconds: number;
  readonly after2Minutes: number;
}

export interface KeptSuggestions {
  /** `offset`: where the accepted text begins, in UTF-16 code units of the document as it is now. */
  accepted(uri: string, offset: number, text: string): void;
  stats(): KeptStats;
  dispose(): void;
}

/**
 * A text is still there while less than a third of its characters would have to be changed to have it again: "mostly
 * unchanged" in Ziegler and others, "Productivity assessment of neural code completion" (2022), which looks after 30, 120,
 * 300 and 600 seconds. White space does not count, because editors and formatters change it by themselves.
 */
const MOST_CHANGED = 0.33;
const ages: readonly (readonly [keyof KeptStats, number])[] = [
  ['after30Seconds', 30_000],
  ['after2Minutes', 120_000],
];
/** Suggestions that are waited for; of older ones nothing is counted any more. */
const MAX_WAITING = 64;
/** UTF-16 code units of a suggestion that are looked for, some eight lines: to look takes 2 ms then, and grows with the square. */
const LOOKED_FOR = 300;
/** Code units beside its place in which it is looked for as well: an editor may close a bracket or indent by itself. */
const REACH = 8;

interface Waiting {
  readonly uri: string;
  readonly text: string;
  offset: number;
  document: TextSnapshot;
  readonly pending: Map<keyof KeptStats, TimerHandle>;
}

export function createKeptSuggestions({
  documents,
  clock,
}: {
  documents: DocumentFeed;
  clock: Clock;
}): KeptSuggestions {
  const waiting = new Set<Waiting>();
  let stats: KeptStats = { after30Seconds: 0, after2Minutes: 0 };

  function judge(one: Waiting, age: keyof KeptStats): void {
    clock.clearTimeout(one.pending.get(age));
    one.pending.delete(age);
    if (one.pending.size === 0) waiting.delete(one);
    if (isStillThere(one)) stats = { ...stats, [age]: stats[age] + 1 };
  }

  function drop(one: Waiting): void {
    for (const timer of one.pending.values()) clock.clearTimeout(timer);
    waiting.delete(one);
  }

  const stopObserving = documents.observe({
    didOpen: () => undefined,
    didChange(_before, after, edits) {
      for (const one of waiting) {
        if (one.uri !== after.uri) continue;
        one.document = after.text;
        one.offset = edits.reduce(afterEdit, one.offset);
      }
    },
    didClose(uri) {
      for (const one of waiting) if (one.uri === uri) for (const age of [...one.pending.keys()]) judge(one, age);
    },
    didSave: () => undefined,
  });

  return {
    accepted(uri, offset, text) {
      const document = documents.get(uri)?.text;
      const wanted = withoutSpace(text).slice(0, LOOKED_FOR);
      if (document === undefined || wanted === '') return;
      const one: Waiting = { uri, text: wanted, offset, document, pending: new Map() };
      for (const [age, time] of ages)
        one.pending.set(
          age,
          clock.setTimeout(() => judge(one, age), time),
        );
      waiting.add(one);
      const [oldest] = waiting;
      if (waiting.size > MAX_WAITING && oldest !== undefined) drop(oldest);
    },
    stats: () => stats,
    dispose() {
      stopObserving();
      for (const one of waiting) drop(one);
    },
  };
}

function isStillThere({ document, offset, text }: Waiting): boolean {
  const before = withoutSpace(document.slice(offset - REACH, offset));
  const after = withoutSpace(document.slice(offset, offset + 8 * LOOKED_FOR));
  const around = before + after.slice(0, Math.ceil(text.length * (1 + MOST_CHANGED)) + REACH);
  return nearestDistance(text, around) < text.length * MOST_CHANGED;
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}

/** What is put in directly at a place may be the accepted text itself, which some editors send later: the place stays. */
function afterEdit(offset: number, { start, end, text }: AppliedEdit): number {
  if (start >= offset) return offset;
  return end <= offset ? offset + text.length - (end - start) : Math.min(offset, start + text.length);
}
