/** The library's connection on our transport: frames, lifecycle, cancellation and the end of the process are settled here, so that the rest of `lsp/` has an ordinary `MessageConnection`. */
import {
  createMessageConnection,
  type DataCallback,
  type Event,
  type Logger,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';
import type { Clock, Log } from '../../domain/ports.ts';
import { requests } from '../protocol.ts';
import { cancelUndispatched } from './cancel-undispatched.ts';
import { describeError } from './describe-error.ts';
import { createEarlyOutbox } from './early-outbox.ts';
import { createLifecycleGate, type LifecycleGate } from './lifecycle-gate.ts';
import type { Watchdog } from './watchdog.ts';

/** A client may send `exit` without waiting for the answer to `shutdown`; so long is that answer waited for, in milliseconds. */
const SHUTDOWN_GRACE = 300;

/** `exit`: the client said so. `input-closed`, `output-closed`: it went away. */
export type ExitReason = 'exit' | 'input-closed' | 'output-closed';

export interface ServerConnectionOptions {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  readonly clock: Clock;
  readonly log: Log;
  /** Is told the process of the client, as `initialize` names it. */
  readonly watchdog?: Pick<Watchdog, 'watch'>;
  /** Called when the answer to `initialize` was written. Whatever the client sends next waits until it resolves; it must not reject. */
  readonly onInitialized?: () => Promise<void>;
  /** Called once, with 0 if `shutdown` was asked for and 1 if not. The process should end within 0.5 s. */
  readonly onExit: (code: 0 | 1, reason: ExitReason) => void;
}

/** The caller registers its handlers, `initialize` among them, and then calls `listen()`. `exit` is never handed on: use the option. */
export function createServerConnection(options: ServerConnectionOptions): MessageConnection {
  const { reader, writer, clock, log, watchdog } = options;
  let isOver = false;
  let exitsWhenAnswered = false;
  let forward: DataCallback = () => {};

  function exit(reason: ExitReason): void {
    if (isOver) return;
    isOver = true;
    options.onExit(gate.shutdown === 'no' ? 1 : 0, reason);
  }

  function exitOnceAnswered(): void {
    exitsWhenAnswered = gate.shutdown === 'asked';
    if (exitsWhenAnswered) clock.setTimeout(() => exit('exit'), SHUTDOWN_GRACE);
    else exit('exit');
  }

  const gate = createLifecycleGate({
    log,
    forward: (message) => forward(message),
    reply: (response) => void writer.write(response).catch(() => {}),
    onProcessId: (processId) => watchdog?.watch(processId),
    onExit: exitOnceAnswered,
  });

  const outbox = createEarlyOutbox(() => gate.stage);

  const gatedReader: MessageReader = {
    onError: reader.onError,
    onClose: never,
    onPartialMessage: reader.onPartialMessage,
    dispose: () => reader.dispose(),
    listen(callback) {
      forward = callback;
      return reader.listen((message) => receive(message, gate, log));
    },
  };

  const watchedWriter: MessageWriter = {
    onError: writer.onError,
    onClose: never,
    end: () => writer.end(),
    dispose: () => writer.dispose(),
    async write(message) {
      if (!outbox.admits(message)) return;
      await writer.write(message);
      if (gate.answersInitialize(message)) await options.onInitialized?.();
      gate.sent(message);
      for (const early of outbox.release()) await writer.write(early).catch(() => {});
      if (exitsWhenAnswered && gate.shutdown === 'answered') exit('exit');
    },
  };

  reader.onClose(() => exit('input-closed'));
  writer.onClose(() => exit('output-closed'));
  reader.onError((error) => log.warn(error.message));
  writer.onError(([error]) => log.warn(error.message));
  const connection = createMessageConnection(gatedReader, watchedWriter, loggerOf(log), cancelUndispatched);
  connection.onRequest(requests.shutdown, () => null);
  return connection;
}

/** A connection that knows of its end throws at whoever still sends; one that does not lets them send into nothing. */
const never: Event<void> = () => ({ dispose() {} });

/** What the library has to say, such as a handler of a notification that threw. */
function loggerOf(log: Log): Logger {
  return {
    error: (message) => log.error(message),
    warn: (message) => log.warn(message),
    info: (message) => log.info(message),
    log: (message) => log.debug(message),
  };
}

/** One message that cannot be taken in must not take the messages behind it along. */
function receive(message: object, gate: LifecycleGate, log: Log): void {
  try {
    gate.receive(message);
  } catch (error) {
    log.error('a message from the editor could not be taken in', { error: describeError(error) });
  }
}
