/** One query on its way through the pipeline, and what it has of the document's other queries. */
import type { AiProvider, StreamingProvider } from '../domain/ai-provider.ts';
import type { CodeContext } from '../domain/code-context.ts';
import type { TraceWriter } from '../domain/completion-trace.ts';
import type { DocumentSnapshot, Position } from '../domain/text.ts';
import type { ActiveQuery } from './active-query.ts';
import type { Flight } from './flight.ts';
import type { CompletionSettings } from './gate.ts';
import type { SuggestionMemory } from './suggestion.ts';

export interface CompletionQuery {
  readonly uri: string;
  readonly position: Position;
  readonly trigger: 'automatic' | 'explicit';
  /** Milliseconds after which the query is answered `pending` while the provider goes on, for editors that cannot wait. */
  readonly patience?: number;
  /**
   * The editor shows the answer to the version it asked about and filters it by what was typed since, but asks nothing more
   * while it waits: an edit that may go along with the answer does not end the query. Default false.
   */
  readonly outlivesEdits?: boolean;
}

/** Everything that a settings change replaces at once; a query runs to its end under the one it began with. */
export interface CompletionRuntime {
  /** What holds for a document; they may differ by the project it belongs to. */
  settings(uri: string): CompletionSettings;
  /** The active provider with all its wrappers. */
  provider(): Promise<StreamingProvider>;
  /** The first provider that stays in this process, for automatic requests when `trigger` is `manual`. */
  localProvider(): Promise<StreamingProvider> | undefined;
  /** What `provider` is told: one in this process needs no text of other documents. */
  buildContext(document: DocumentSnapshot, offset: number, provider: AiProvider): CodeContext;
}

/** What is remembered of an open document. */
export interface Session {
  readonly memory: SuggestionMemory;
  query: ActiveQuery | undefined;
  /** Of `query`. */
  outlivesEdits: boolean;
  flight: Flight | undefined;
}

export interface Attempt {
  readonly query: CompletionQuery;
  /** When it came, on the clock. */
  readonly since: number;
  /** The version the query is for; it never changes under it. */
  readonly document: DocumentSnapshot;
  readonly offset: number;
  readonly session: Session;
  readonly active: ActiveQuery;
  readonly trace: TraceWriter;
  readonly now: CompletionRuntime;
  readonly settings: CompletionSettings;
}
