/** One request that waits for its answer: it ends with the editor's cancellation, or when something newer comes. */
import type { Clock } from '../domain/ports.ts';
import { followSignal } from '../util/follow-signal.ts';

/** The reason of an abort that was not the editor's doing. */
export class Superseded extends Error {}

export interface ActiveQuery {
  readonly signal: AbortSignal;
  supersede(reason: string): void;
  /** The query was answered: it follows the editor's cancellation no longer. */
  end(): void;
  /** Rejects with the abort's reason when the query ends first. */
  wait(milliseconds: number): Promise<void>;
  /** `undefined` when `patience` (milliseconds) ends first; rejects with the abort's reason when the query does. */
  waitFor<Result>(result: Promise<Result>, patience: number | undefined): Promise<Result | undefined>;
}

export function createActiveQuery(client: AbortSignal, clock: Clock): ActiveQuery {
  const controller = followSignal(client);
  const { signal } = controller;

  function race<Result>(milliseconds: number | undefined, result?: Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      const stop = () => settle(() => reject(signal.reason));
      const timer =
        milliseconds === undefined ? undefined : clock.setTimeout(() => settle(() => resolve(undefined)), milliseconds);
      const settle = (finish: () => void) => {
        clock.clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        finish();
      };
      result?.then(
        (value) => settle(() => resolve(value)),
        (error) => settle(() => reject(error)),
      );
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  }

  return {
    signal,
    supersede: (reason) => controller.abort(new Superseded(reason)),
    end: controller.release,
    wait: (milliseconds) => race(milliseconds),
    waitFor: (result, patience) => race(patience, result),
  };
}
