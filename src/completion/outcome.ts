/** How a query ends: with offers that fit the place, or with the reason why there are none. Each end is written down once. */
import { AiError, isCancellation } from '../domain/ai-error.ts';
import type { CompletionOutcomeKind, TraceWriter } from '../domain/completion-trace.ts';
import type { DocumentSnapshot, Position } from '../domain/text.ts';
import { Superseded } from './active-query.ts';
import type { Attempt } from './attempt.ts';
import { fitToRestOfLine } from './fit.ts';
import { lineFrom } from './surroundings.ts';

export interface Offer {
  readonly id: string;
  readonly insertText: string;
  /** Code units after the cursor, on its line, that the text replaces. */
  readonly replaces: number;
  readonly provider: string;
  readonly model: string;
}

/** `document` is the version the offers are for, `cursor` the place in it they belong at. */
export type CompletionOutcome =
  | {
      readonly kind: 'offered';
      readonly offers: readonly Offer[];
      readonly document: DocumentSnapshot;
      readonly cursor: Position;
    }
  | { readonly kind: Exclude<CompletionOutcomeKind, 'offered'>; readonly reason: string };

export function ended(
  trace: TraceWriter,
  kind: Exclude<CompletionOutcomeKind, 'offered'>,
  reason: string,
  by?: { readonly provider: string; readonly model: string },
): CompletionOutcome {
  trace.end(kind, reason, by);
  return { kind, reason };
}

export function offered(attempt: Attempt, offers: readonly Offer[], reason: string): CompletionOutcome {
  const { document, offset, trace } = attempt;
  trace.end('offered', reason, offers[0]);
  return { kind: 'offered', offers, document, cursor: document.text.positionAt(offset) };
}

/** What agrees with the text at the cursor, fitted to the rest of its line. */
export function offersFor({ session, document, offset }: Attempt): readonly Offer[] | undefined {
  const agreeing = session.memory.agreeing(document, offset);
  if (agreeing.length === 0) return undefined;
  const restOfLine = lineFrom(document, offset);
  const start = document.text.lineStart(document.text.positionAt(offset).line);
  const indentation = /^[ \t]*/.exec(document.text.slice(start, Math.min(offset, start + 256)))?.[0] ?? '';
  const offers = agreeing.flatMap(({ suggestion: { id, provider, model }, rest }) => {
    const fitted = fitToRestOfLine(rest, restOfLine, indentation);
    return fitted.insertText.trim() === '' ? [] : [{ id, ...fitted, provider, model }];
  });
  return offers.length === 0 ? undefined : offers;
}

/** A query ends in one of four ways that are no answer: superseded, cancelled, its call taken by a newer one, or failed. */
export function failed(error: unknown, { active, query, session, trace }: Attempt): CompletionOutcome {
  const { reason } = active.signal;
  if (reason instanceof Superseded) return ended(trace, 'superseded', reason.message);
  if (active.signal.aborted) {
    if (query.trigger === 'automatic') session.flight?.hold();
    else session.flight?.abort();
    return ended(trace, 'cancelled', 'The editor cancelled the request.');
  }
  if (isCancellation(error)) return ended(trace, 'superseded', 'The provider call was ended for a newer one.');
  const by = error instanceof AiError ? { provider: error.provider, model: '' } : undefined;
  return ended(trace, 'failed', error instanceof Error ? error.message : String(error), by);
}
