/**
 * Where the client arrives: answers `initialize` from the settings alone, and only then loads the session, which takes as
 * long again. Apart from the session because the editor waits for this and not for that.
 */
import type { InitializeParams, InitializeResult, MessageType as LogType } from 'vscode-languageserver/node';
import { idleStatus } from '../app/idle-status.ts';
import { createSettingsStore } from '../config/store.ts';
import { applyUserFile, readUserFile, type UserFilePlace } from '../config/user-file.ts';
import { nodeUserFileSystem } from '../config/user-file-system.ts';
import type { Clock, LogLevel } from '../domain/ports.ts';
import type { AppLog } from '../observability/log.ts';
import { readClient } from './client.ts';
import type { OpenSession } from './open-session.ts';
import { clientNotifications, MessageType, requests } from './protocol.ts';
import { onRequest } from './receive.ts';
import { serverCapabilities } from './server-capabilities.ts';
import { statusParams } from './to-lsp/status.ts';
import type { Channel } from './transport/channel.ts';
import { createServerConnection } from './transport/connection.ts';
import { describeError } from './transport/describe-error.ts';
import { createWatchdog } from './transport/watchdog.ts';

export interface ServerOptions {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly log: AppLog;
  readonly version: string;
  readonly workerPath: string;
  readonly observerPath: string;
  readonly userFile: UserFilePlace;
  /** The process of the client, where the command line named it. */
  readonly clientProcessId: number | undefined;
  /** From `--profile` or the environment. */
  readonly profile: string | undefined;
  /** Has the listener called when somebody asks the process to end, by a signal. */
  readonly onTermination: (listener: () => void) => void;
  /** Called once, when the client is gone: the code to end with, should nothing be left that keeps the process alive. */
  readonly leaving: (code: number) => void;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/** Milliseconds open work may take to let go of its connections when the client is gone. */
const FAREWELL = 300;

export function serve(options: ServerOptions): void {
  const { channel, clock, log, version, userFile, profile, exit } = options;
  const settings = createSettingsStore({ profile });
  let begin: () => Promise<OpenSession | undefined> = async () => undefined;
  let session: Promise<OpenSession | undefined> = Promise.resolve(undefined);
  let leaving = false;

  function leave(code: number): void {
    if (leaving) return;
    leaving = true;
    options.leaving(code);
    watchdog.dispose();
    clock.setTimeout(() => exit(code), FAREWELL);
    session
      .then((open) => open?.end())
      .catch((error: unknown) => log.warn('Not everything could be closed.', { error: String(error) }))
      .finally(() => exit(code));
  }

  const watchdog = createWatchdog({ clock, log, onParentGone: () => leave(1) });
  options.onTermination(() => leave(1));
  watchdog.watch(options.clientProcessId);
  const connection = createServerConnection({
    ...channel,
    clock,
    log,
    watchdog,
    async onInitialized() {
      session = begin();
      try {
        await session;
      } catch (error) {
        log.error('The session could not be opened.', { error: describeError(error) });
        leave(1);
      }
    },
    onExit: leave,
  });

  onRequest(connection, requests.initialize, async (params): Promise<InitializeResult> => {
    const client = readClient(params);
    const file = await readUserFile(userFile, nodeUserFileSystem, new AbortController().signal);
    const changes = [
      applyUserFile(settings, file),
      settings.setLayer('initializationOptions', params.initializationOptions),
    ];
    const { surface } = settings.settings().completion;
    begin = async () => {
      const { openSession } = await import('./open-session.ts');
      const folders = foldersOf(params);
      return openSession({ ...options, connection, settings, client, surface, folders, file, changes });
    };
    // Status lines know from the start who completes, without asking for it.
    const experimental = { inkling: { status: statusParams({ busy: false, ...idleStatus(settings.settings()) }) } };
    return {
      capabilities: { ...serverCapabilities(client, surface), experimental },
      serverInfo: { name: 'inkling', version },
    };
  });

  log.addSink({
    write({ level, line }) {
      void connection.sendNotification(clientNotifications.logMessage, { type: messageTypes[level], message: line });
    },
  });
  connection.listen();
}

/** Older clients know no level below `Log`. */
const messageTypes: Readonly<Record<LogLevel, LogType>> = {
  error: MessageType.Error,
  warn: MessageType.Warning,
  info: MessageType.Info,
  debug: MessageType.Log,
};

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  if (workspaceFolders && workspaceFolders.length > 0) return workspaceFolders.map(({ uri }) => uri);
  return rootUri ? [rootUri] : [];
}
