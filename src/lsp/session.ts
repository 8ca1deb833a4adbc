/** What every handler shares: the connection, the assistant, the client, and the rule that each request is answered once. */
import { type CancellationToken, ErrorCodes, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import type { Assistant } from '../assistant/assistant.ts';
import type { Clock, Log, ProgressReporter } from '../domain/ports.ts';
import { type AnswerFiles, createAnswerFiles } from './answer-files.ts';
import type { Client } from './client.ts';
import { createEdits, type Edits } from './edits.ts';
import { clientNotifications, MessageType } from './protocol.ts';
import { responseError } from './to-lsp/response-error.ts';
import { toAbortSignal } from './transport/to-abort-signal.ts';
import { createTurns, type Turns } from './turns.ts';

export interface Session {
  readonly connection: MessageConnection;
  readonly assistant: Assistant;
  readonly log: Log;
  readonly turns: Turns;
  readonly edits: Edits;
  readonly progress: ProgressReporter;
  readonly answers: AnswerFiles;
  readonly client: Client;
  /** Runs a request under its abort signal; a throw becomes a typed error, never the end of the process. */
  answer<Result>(token: CancellationToken, run: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Shows the user a message that waits for no answer. */
  say(kind: 'info' | 'warning', message: string): void;
  /** Has `stop` called if the session ends before the work does; the returned function says that the work is over. */
  untilEnd(stop: () => void): () => void;
  /** Stops whatever is under way: nobody waits for its answer any more. */
  end(): void;
  /** Resolves when no request of the client waits for an answer: only then may the client be asked something. */
  idle(): Promise<void>;
}

export interface SessionParts {
  readonly connection: MessageConnection;
  readonly client: Client;
  readonly assistant: Assistant;
  readonly progress: ProgressReporter;
  readonly log: Log;
  readonly clock: Clock;
}

export function createSession({ connection, client, assistant, progress, log, clock }: SessionParts): Session {
  let waiting = 0;
  const wake: (() => void)[] = [];
  /** How each piece of work under way is stopped. */
  const stops = new Set<() => void>();
  const idle = (): Promise<void> => (waiting === 0 ? Promise.resolve() : new Promise((resolve) => wake.push(resolve)));

  function untilEnd(stop: () => void): () => void {
    stops.add(stop);
    return () => stops.delete(stop);
  }

  return {
    connection,
    assistant,
    log,
    turns: createTurns(),
    edits: createEdits(clock),
    progress,
    answers: createAnswerFiles(connection, idle),
    client,
    async answer(token, run) {
      const { signal, abort, dispose } = toAbortSignal(token);
      const over = untilEnd(abort);
      waiting += 1;
      try {
        return await run(signal);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        const failure = responseError(error, signal);
        if (failure.code === ErrorCodes.InternalError) {
          log.error('A request failed inside the server.', {
            error: error instanceof Error ? error.stack : String(error),
          });
        }
        throw failure;
      } finally {
        over();
        dispose();
        waiting -= 1;
        if (waiting === 0) for (const resume of wake.splice(0)) resume();
      }
    },
    say(kind, message) {
      const type = kind === 'info' ? MessageType.Info : MessageType.Warning;
      void connection.sendNotification(clientNotifications.showMessage, { type, message });
    },
    untilEnd,
    end() {
      for (const stop of stops) stop();
    },
    idle,
  };
}
