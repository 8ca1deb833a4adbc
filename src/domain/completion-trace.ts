/** What happened to one completion request, stage by stage: the answer to "why did nothing appear?". */
import type { Position } from './text.ts';

export type CompletionStage =
  | 'gate'
  | 'reuse'
  | 'adopt'
  | 'debounce'
  | 'context'
  | 'request'
  | 'first token'
  | 'budget'
  | 'answer'
  | 'check';

export type CompletionOutcomeKind = 'offered' | 'nothing' | 'pending' | 'superseded' | 'cancelled' | 'failed';

export interface CompletionTrace {
  readonly id: number;
  readonly uri: string;
  readonly position: Position;
  readonly version: number | null;
  readonly trigger: 'automatic' | 'explicit';
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** `at`: milliseconds since the start. */
  readonly stages: readonly { readonly stage: CompletionStage; readonly at: number; readonly detail?: string }[];
  /** Absent while it runs. */
  readonly outcome?: CompletionOutcomeKind;
  /** One sentence: why nothing was shown, or where the offer came from. */
  readonly reason?: string;
  readonly provider?: string;
  readonly model?: string;
  /** Milliseconds from the request to its answer. */
  readonly total?: number;
}

/** Writes one trace while the request runs. */
export interface TraceWriter {
  stage(stage: CompletionStage, detail?: string): void;
  end(outcome: CompletionOutcomeKind, reason: string, by?: { readonly provider: string; readonly model: string }): void;
}

export interface Tracer {
  begin(query: Pick<CompletionTrace, 'uri' | 'position' | 'version' | 'trigger'>): TraceWriter;
}
