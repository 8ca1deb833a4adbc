/** The only bridge from the library's cancellation token to an AbortSignal, because the token alone loses cancels. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { createCallController } from '../../util/call-signal.ts';

export interface BridgedSignal {
  readonly signal: AbortSignal;
  /** Aborts without the client's asking. */
  abort(): void;
  /** Call when the request is answered, so that no listener outlives it. It does not abort. */
  dispose(): void;
}

/**
 * A token that is cancelled before its handler runs never fires its event. So the event first and then the flag:
 * that order also leaves no gap for a cancel between the two.
 */
export function toAbortSignal(token: CancellationToken): BridgedSignal {
  const controller = createCallController();
  const subscription = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    dispose: () => subscription.dispose(),
  };
}
