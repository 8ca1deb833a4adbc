/**
 * A controller of one's own that a caller's signal aborts too. Apart because the platform's `AbortSignal.any` holds what
 * it joins by weak references, which only a full garbage collection lets go of: every keystroke's request, prompt and
 * answer would stay until then.
 */

/** `signal` should belong to one call: it keeps the controller for as long as it lives itself. */
export function followSignal(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller;
}
