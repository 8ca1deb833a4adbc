/** The last completion requests, stage by stage, so that "why did nothing appear?" always has an answer. */
import type { CompletionTrace, Tracer } from '../domain/completion-trace.ts';
import type { Clock } from '../domain/ports.ts';

/** Traces kept; the oldest goes first. A trace is well under 2 KB. */
const KEPT = 100;

export interface TraceFilter {
  readonly uri?: string;
  readonly position?: { readonly line: number; readonly character: number };
}

export interface TraceLog extends Tracer {
  /** Newest first. */
  find(filter: TraceFilter): readonly CompletionTrace[];
}

type Draft = { -readonly [Key in keyof CompletionTrace]: CompletionTrace[Key] } & {
  stages: CompletionTrace['stages'][number][];
};

export function createTraceLog(clock: Clock, onEnd: (trace: CompletionTrace) => void = () => undefined): TraceLog {
  const traces: Draft[] = [];
  let lastId = 0;

  return {
    begin({ uri, position, version, trigger }) {
      lastId += 1;
      const started = clock.now();
      const trace: Draft = { id: lastId, uri, position, version, trigger, startedAt: clock.wallClock(), stages: [] };
      traces.push(trace);
      if (traces.length > KEPT) traces.shift();
      const elapsed = () => Math.round((clock.now() - started) * 1000) / 1000;
      return {
        stage(stage, detail) {
          trace.stages.push({ stage, at: elapsed(), ...(detail === undefined ? {} : { detail }) });
        },
        end(outcome, reason, by) {
          Object.assign(trace, { outcome, reason, total: elapsed() }, by && { provider: by.provider, model: by.model });
          onEnd(trace);
        },
      };
    },
    find({ uri, position }) {
      const newest = traces.toReversed();
      if (uri === undefined) return newest.slice(0, 1);
      return newest.filter(
        (trace) =>
          trace.uri === uri &&
          (position === undefined ||
            (trace.position.line === position.line && trace.position.character === position.character)),
      );
    },
  };
}
