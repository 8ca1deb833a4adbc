/**
 * A controller of one's own that a caller's signal aborts too. Apart because the platform's `AbortSignal.any` holds what
 * it joins by weak references, which only a full garbage collection lets go of: every keystroke's request, prompt and
 * answer would stay until then.
 */
import { connectLimitOf, createCallController } from './call-signal.ts';

export interface Follower extends AbortController {
  /** Takes the listener off the caller's signal: without it a signal that several calls share would collect one of each. */
  release(): void;
}

/** `connectWithin`: milliseconds that connecting may take; absent: as long as the caller's signal says. */
export function followSignal(signal: AbortSignal, connectWithin = connectLimitOf(signal)): Follower {
  const own = createCallController(connectWithin);
  const release = () => signal.removeEventListener('abort', follow);
  const follow = () => own.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return {
    signal: own.signal,
    abort(reason) {
      release();
      own.abort(reason);
    },
    release,
  };
}
