/** Work-done progress: for a request that brought a token, and for background work the server begins itself. */
import type { MessageConnection, ProgressToken } from 'vscode-jsonrpc/node';
import type { ProgressReporter } from '../domain/ports.ts';
import { clientRequests, notifications, workDoneProgress } from './protocol.ts';
import { onNotification } from './receive.ts';
import type { Session } from './session.ts';

type Report = { kind: 'report'; message: string; percentage?: number } | { kind: 'end'; message?: string };

/** Begins now; the returned function ends it. */
export function reportWork(connection: MessageConnection, token: ProgressToken | undefined, title: string): () => void {
  if (token === undefined) return () => undefined;
  void connection.sendProgress(workDoneProgress, token, { kind: 'begin', title });
  return () => void connection.sendProgress(workDoneProgress, token, { kind: 'end' });
}

export interface BackgroundProgress extends ProgressReporter {
  /** Listens for what the user stops. */
  register(session: Pick<Session, 'connection' | 'log'>): void;
}

/** Background work. The client is asked for a token only when it does not wait for us itself. */
export function backgroundProgress(session: () => Session): BackgroundProgress {
  const cancels = new Map<ProgressToken, () => void>();
  let last = 0;

  /** True once the client shows it. */
  async function open(token: string, title: string, cancellable: boolean, ended: () => boolean): Promise<boolean> {
    const { connection, client, idle } = session();
    if (!client.workDoneProgress) return false;
    await idle();
    await connection.sendRequest(clientRequests.createWorkDoneProgress, { token });
    if (ended()) return false;
    await connection.sendProgress(workDoneProgress, token, { kind: 'begin', title, cancellable, percentage: 0 });
    return true;
  }

  return {
    register(receiver) {
      onNotification(receiver, notifications.cancelWorkDoneProgress, ({ token }) => cancels.get(token)?.());
    },
    begin(title, onCancel) {
      last += 1;
      const token = `inkling/${last}`;
      const { connection, log } = session();
      let shown = false;
      let ending: Report | undefined;
      if (onCancel !== undefined) cancels.set(token, onCancel);
      open(token, title, onCancel !== undefined, () => ending !== undefined).then(
        (opened) => {
          shown = opened;
          // It may have ended while its beginning was being written.
          if (ending !== undefined) send(ending);
        },
        (error: unknown) => log.debug('The editor shows no progress.', { error: String(error) }),
      );
      const send = (value: Report) => {
        if (shown) void connection.sendProgress(workDoneProgress, token, value);
      };
      return {
        report: (message, percentage) =>
          send({ kind: 'report', message, ...(percentage === undefined ? {} : { percentage }) }),
        end(message) {
          cancels.delete(token);
          ending = { kind: 'end', ...(message === undefined ? {} : { message }) };
          send(ending);
        },
      };
    },
  };
}
