/**
 * What the user changed lately and what the editor reports as wrong: remembered between two completions, and shown as far
 * as it may be. Apart from the building of contexts because it is the only part of one that has a past.
 */
import type { Clock } from '../domain/ports.ts';
import type { Problem } from '../domain/problem.ts';
import type { DocumentFeed, DocumentSnapshot, Position, Range } from '../domain/text.ts';
import type { ContextSettings } from './build-context.ts';
import { createEditRecorder } from './edit-recorder.ts';
import { createProblemBook, type KeptProblem } from './problem-book.ts';
import { chooseEdits, type EditChoice, type EditWishes } from './recent-edits.ts';
import { redact } from './redact.ts';
import type { RedactedSlice } from './redact-slice.ts';

export interface ProblemChoice {
  /** Nearest first, each as `line: message (source)` with 1-based lines. */
  readonly problems: readonly string[];
  /** Bytes of UTF-8. */
  readonly bytes: number;
  readonly redactions: number;
}

export interface RecentWork {
  /** The edits that a completion at the place is told of: none of what is near it. `room` in bytes. */
  editsAwayFrom(document: DocumentSnapshot, position: Position, room: number, settings: ContextSettings): EditChoice;
  /** All that is remembered of edits, for a model that is asked about code of the document and not for what comes next. */
  edits(uri: string, room: number, settings: ContextSettings): EditChoice;
  /** `room` in bytes. */
  problemsNear(document: DocumentSnapshot, position: Position, room: number, settings: ContextSettings): ProblemChoice;
  /** What is wrong with the lines of `range`, from their first. */
  problemsIn(document: DocumentSnapshot, range: Range, settings: ContextSettings): readonly string[];
  /** All that is wrong with the lines of `range`, as the editor says. Nothing is kept where nothing of it may be sent. */
  report(document: DocumentSnapshot, range: Range, problems: readonly Problem[]): void;
  dispose(): void;
}

export interface RecentWorkOptions {
  readonly documents: DocumentFeed;
  readonly clock: Clock;
  /** Those in force now: they say what may be remembered. */
  settings(): ContextSettings;
  /** Whether a document's text may be sent under these settings. */
  maySend(document: DocumentSnapshot, settings: ContextSettings): boolean;
  /** Whether it may also be shown beside other documents. */
  isOpenToOthers(document: DocumentSnapshot): boolean;
  pathOf(uri: string): string;
  reader(settings: ContextSettings): EditWishes['read'];
}

const MAX_PROBLEMS = 5;
/** Lines from the cursor; what is wrong farther away is not what the user is working on. */
const NEAR = 100;

const noEdits: EditChoice = { edits: [], bytes: 0, redactions: 0 };
const noProblems: ProblemChoice = { problems: [], bytes: 0, redactions: 0 };

export function createRecentWork(options: RecentWorkOptions): RecentWork {
  const { documents, clock, settings, maySend, isOpenToOthers, pathOf, reader } = options;
  const recorder = createEditRecorder({
    documents,
    clock,
    mayRecord(document) {
      const now = settings();
      return now.recentEdits && isOpenToOthers(document) && maySend(document, now);
    },
  });
  const book = createProblemBook({ documents, clock });

  function choose(own: ContextSettings, room: number, wishes: Pick<EditWishes, 'cursor' | 'maySee'>): EditChoice {
    const changes = recorder.changes();
    if (!own.recentEdits || changes.size === 0) return noEdits;
    return chooseEdits({
      changes,
      documents,
      now: clock.now(),
      room,
      pathOf,
      read: reader(own),
      clean: cleaner(own),
      ...wishes,
    });
  }

  function placed({ uri, text }: DocumentSnapshot): PlacedProblem[] {
    return book.of(uri).map((problem) => ({ problem, line: text.positionAt(problem.start).line }));
  }

  return {
    editsAwayFrom(document, { line }, room, own) {
      if (!isOpenToOthers(document)) return noEdits;
      return choose(own, room, {
        cursor: { uri: document.uri, line },
        maySee: (other) => other.uri === document.uri || (own.otherDocuments && maySend(other, own)),
      });
    },
    edits: (uri, room, own) =>
      choose(own, room, { maySee: (other) => (other.uri === uri || own.otherDocuments) && maySend(other, own) }),
    problemsNear(document, { line }, room, own) {
      if (!own.diagnostics) return noProblems;
      const distance = (one: PlacedProblem) => Math.abs(one.line - line);
      const near = placed(document)
        .filter((one) => distance(one) <= NEAR)
        .sort((left, right) => distance(left) - distance(right) || left.problem.start - right.problem.start);
      return fitting(near, room, cleaner(own));
    },
    problemsIn(document, { start, end }, own) {
      if (!own.diagnostics || !maySend(document, own)) return [];
      const inside = placed(document)
        .filter(({ line }) => line >= start.line && line <= end.line)
        .sort((left, right) => left.problem.start - right.problem.start);
      return fitting(inside, Number.POSITIVE_INFINITY, cleaner(own)).problems;
    },
    report(document, range, problems) {
      const now = settings();
      if (now.diagnostics && maySend(document, now)) book.report(document, range, problems);
      else book.forget(document.uri);
    },
    dispose() {
      recorder.dispose();
      book.dispose();
    },
  };
}

interface PlacedProblem {
  readonly problem: KeptProblem;
  readonly line: number;
}

type Clean = (text: string) => RedactedSlice;

function cleaner({ redactSecrets }: ContextSettings): Clean {
  return (text) => {
    if (!redactSecrets) return { text, redactions: 0 };
    const redacted = redact(text);
    return { text: redacted.text, redactions: redacted.spans.length };
  };
}

function fitting(near: readonly PlacedProblem[], room: number, clean: Clean): ProblemChoice {
  const problems: string[] = [];
  let bytes = 0;
  let redactions = 0;
  for (const { problem, line } of near) {
    if (problems.length === MAX_PROBLEMS) break;
    const { message, source } = problem;
    const shown = clean(`${line + 1}: ${message}${source === undefined ? '' : ` (${source})`}`);
    const size = Buffer.byteLength(shown.text) + 1;
    if (bytes + size > room || problems.includes(shown.text)) continue;
    problems.push(shown.text);
    bytes += size;
    redactions += shown.redactions;
  }
  return { problems, bytes, redactions };
}
