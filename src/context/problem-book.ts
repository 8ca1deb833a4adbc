/** Keeps what the editor last reported as wrong with each open document: a server is not told when something is right again. */
import type { Clock } from '../domain/ports.ts';
import type { Problem } from '../domain/problem.ts';
import type { AppliedEdit, DocumentFeed, DocumentSnapshot, Range } from '../domain/text.ts';

/** A problem in the text as it is now: offsets in UTF-16 code units. */
export interface KeptProblem {
  readonly start: number;
  readonly end: number;
  /** On one line. */
  readonly message: string;
  readonly source: string | undefined;
  /** When it was reported, on the clock. */
  readonly at: number;
}

export interface ProblemBook {
  /** All that is wrong with the lines of `range`: what was reported of them before is replaced. */
  report(document: DocumentSnapshot, range: Range, problems: readonly Problem[]): void;
  /** Those whose text has not changed since, and that are not old. */
  of(uri: string): readonly KeptProblem[];
  forget(uri: string): void;
  dispose(): void;
}

const MAX_DOCUMENTS = 20;
const MAX_PROBLEMS = 64;
/** UTF-16 code units; what compilers add behind that is a list of candidates. */
const MAX_MESSAGE = 200;
const MAX_SOURCE = 32;
/** Milliseconds. A change elsewhere may have solved it, and nobody would say so. */
const MAX_AGE = 300_000;

export function createProblemBook({ documents, clock }: { documents: DocumentFeed; clock: Clock }): ProblemBook {
  /** The document that was reported last is last. */
  const byDocument = new Map<string, readonly KeptProblem[]>();

  function keep(uri: string, problems: readonly KeptProblem[]): void {
    byDocument.delete(uri);
    if (problems.length === 0) return;
    byDocument.set(uri, problems.slice(0, MAX_PROBLEMS));
    const oldest = byDocument.keys().next();
    if (byDocument.size > MAX_DOCUMENTS && oldest.value !== undefined) byDocument.delete(oldest.value);
  }

  const dispose = documents.observe({
    didOpen: () => undefined,
    didChange(_before, { uri }, edits) {
      const problems = byDocument.get(uri);
      if (problems !== undefined) keep(uri, edits.reduce(afterEdit, problems));
    },
    didClose: (uri) => void byDocument.delete(uri),
    didSave: () => undefined,
  });

  return {
    report({ uri, text }, range, problems) {
      const start = text.lineStart(range.start.line);
      const end = text.offsetAt({ line: range.end.line, character: Number.POSITIVE_INFINITY });
      const others = (byDocument.get(uri) ?? []).filter((one) => one.end < start || one.start > end);
      const at = clock.now();
      const reported = problems.slice(0, MAX_PROBLEMS).map(({ range: place, message, source }) => ({
        start: text.offsetAt(place.start),
        end: text.offsetAt(place.end),
        message: shortened(message).replace(/\s+/g, ' ').trim(),
        source: source?.slice(0, MAX_SOURCE),
        at,
      }));
      keep(uri, [...reported, ...others]);
    },
    of: (uri) => (byDocument.get(uri) ?? []).filter(({ at }) => clock.now() - at < MAX_AGE),
    forget: (uri) => void byDocument.delete(uri),
    dispose,
  };
}

/** Nothing of a word that is cut off stays: the beginning of a key looks like none, and would be shown. */
function shortened(message: string): string {
  return message.length <= MAX_MESSAGE ? message : message.slice(0, MAX_MESSAGE).replace(/[!-~]+$/, '');
}

/** An edit that touches the text of a problem may have solved it; one before it moves it. */
function afterEdit(problems: readonly KeptProblem[], { start, end, text }: AppliedEdit): readonly KeptProblem[] {
  const gained = text.length - (end - start);
  return problems.flatMap((problem) => {
    if (start > problem.end) return [problem];
    if (end < problem.start) return [{ ...problem, start: problem.start + gained, end: problem.end + gained }];
    return [];
  });
}
