/** The only bridge from the library's cancellation token to an AbortSignal, because the token alone loses cancels. */
import type { CancellationToken } from 'vscode-languageserver/node';

export interface BridgedSignal {
  readonly signal: AbortSignal;
  /** Call when the request is answered, so that no listener outlives it. It does not abort. */
  dispose(): void;
}

/**
 * A token that is cancelled before its handler runs never fires its event: hence the flag, then the event, then the flag again
 * for a cancel that came in between.
 */
export function toAbortSignal(token: CancellationToken): BridgedSignal {
  if (token.isCancellationRequested) return { signal: AbortSignal.abort(), dispose() {} };
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  return { signal: controller.signal, dispose: () => subscription.dispose() };
}
