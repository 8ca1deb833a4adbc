/** Asks the client, while it runs, for messages that `initialize` did not announce. */
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { clientRequests } from './protocol.ts';

let count = 0;

/** Resolves, once the client agreed, to a function that takes it back; both reject when the client refuses. */
export async function registerCapability(
  connection: MessageConnection,
  method: string,
  registerOptions: object,
): Promise<() => Promise<void>> {
  count += 1;
  const id = `inkling-${count}`;
  await connection.sendRequest(clientRequests.registerCapability, {
    registrations: [{ id, method, registerOptions }],
  });
  return () =>
    // The misspelling is the protocol's.
    connection.sendRequest(clientRequests.unregisterCapability, { unregisterations: [{ id, method }] });
}
