/** Puts an observer where it can do no harm: what it throws stays here, and it is disposed after the last call it follows. */
import type { Log } from '../../domain/ports.ts';
import type { CallObserver } from './call-observer.ts';

export interface ContainedObserver extends CallObserver {
  /** It is begun nothing with any more. */
  retire(): void;
  /** Never rejects. */
  dispose(): Promise<void>;
}

/** `name` is what the log calls it. */
export function containObserver(observer: CallObserver, name: string, log: Log): ContainedObserver {
  let following = 0;
  let isRetired = false;
  let isTold = false;
  let disposing: Promise<void> | undefined;

  /** Others' code stands behind some observers, such as a team's own OpenTelemetry set-up. */
  function quietly<Result>(run: () => Result): Result | undefined {
    try {
      return run();
    } catch (error) {
      const kind = error instanceof Error ? error.name : typeof error;
      if (!isTold) log.warn(`The middleware "${name}" failed; calls go on without it being told all.`, { error: kind });
      isTold = true;
      return undefined;
    }
  }

  /** Once: the last call it follows may end while it is disposed with the program. */
  function dispose(): Promise<void> {
    isRetired = true;
    disposing ??= (quietly(() => observer.dispose?.()) ?? Promise.resolve()).catch(() => undefined);
    return disposing;
  }

  function leave(): void {
    following -= 1;
    if (isRetired && following === 0) void dispose();
  }

  return {
    content: observer.content,
    begin(call, request) {
      // Of a list that no longer holds: a wrapper outlives it by the calls that are under way.
      if (isRetired) return undefined;
      const record = quietly(() => observer.begin(call, request));
      if (record === undefined) return undefined;
      following += 1;
      return {
        firstPart: (time) => quietly(() => record.firstPart(time)),
        ended(outcome, answer) {
          quietly(() => record.ended(outcome, answer));
          leave();
        },
      };
    },
    retire() {
      isRetired = true;
      if (following === 0) void dispose();
    },
    dispose,
  };
}
