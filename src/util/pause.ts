/** Waiting that ends at once when nobody waits any more. */

/** What of a clock is needed. */
export interface PauseTimers<Handle> {
  setTimeout(callback: () => void, milliseconds: number): Handle;
  clearTimeout(handle: Handle): void;
}

/** Rejects with the signal's reason. */
export function pause<Handle>(milliseconds: number, signal: AbortSignal, clock: PauseTimers<Handle>): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
