/** Work-done progress: for a request that brought a token, and for background work the server begins itself. */
import {
  type Connection,
  type ProgressToken,
  WorkDoneProgress,
  WorkDoneProgressCreateRequest,
} from 'vscode-languageserver/node';
import type { ProgressReporter } from '../domain/ports.ts';
import type { Session } from './session.ts';

/** Begins now; the returned function ends it. */
export function reportWork(connection: Connection, token: ProgressToken | undefined, title: string): () => void {
  if (token === undefined) return () => undefined;
  void connection.sendProgress(WorkDoneProgress.type, token, { kind: 'begin', title });
  return () => void connection.sendProgress(WorkDoneProgress.type, token, { kind: 'end' });
}

/** Background work. The client is asked for a token only when it does not wait for us itself. */
export function backgroundProgress(session: () => Session): ProgressReporter {
  let last = 0;
  return {
    begin(title) {
      last += 1;
      const token = `inkling/${last}`;
      const { connection, client, idle, log } = session();
      let open = false;
      let ended = false;
      const created = client.workDoneProgress
        ? idle()
            .then(() => connection.sendRequest(WorkDoneProgressCreateRequest.type, { token }))
            .then(() => {
              if (ended) return;
              open = true;
              return connection.sendProgress(WorkDoneProgress.type, token, { kind: 'begin', title, percentage: 0 });
            })
        : Promise.resolve();
      created.catch((error: unknown) => log.debug('The editor shows no progress.', { error: String(error) }));
      const send = (
        value: { kind: 'report'; message: string; percentage?: number } | { kind: 'end'; message?: string },
      ) => {
        if (open) void connection.sendProgress(WorkDoneProgress.type, token, value);
      };
      return {
        report: (message, percentage) =>
          send({ kind: 'report', message, ...(percentage === undefined ? {} : { percentage }) }),
        end(message) {
          ended = true;
          send({ kind: 'end', ...(message === undefined ? {} : { message }) });
        },
      };
    },
  };
}
