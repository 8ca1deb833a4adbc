/** Answers a request that is cancelled while it still waits for its turn: at once, and without its handler ever running. */
import type { ConnectionStrategy, Message } from 'vscode-jsonrpc/node';
import { LSPErrorCodes } from '../protocol.ts';

/** The two requests whose effect the lifecycle depends on: cancelling them would leave both sides with different ideas of it. */
const NOT_CANCELLABLE: ReadonlySet<string> = new Set(['initialize', 'shutdown']);

export const cancelUndispatched: ConnectionStrategy = {
  cancelUndispatched(message, next) {
    if (NOT_CANCELLABLE.has(methodOf(message))) return next(message);
    // The library puts the id of the request in place of null.
    return {
      jsonrpc: '2.0',
      id: null,
      error: { code: LSPErrorCodes.RequestCancelled, message: 'The request was cancelled.' },
    };
  },
};

function methodOf(message: Message): string {
  return 'method' in message && typeof message.method === 'string' ? message.method : '';
}
