/** The language server: wires the transport, the assistant and one handler per method. Never knows a provider. */
import type { InitializeParams, MessageType as LogType } from 'vscode-languageserver/node';
import { createApp } from '../app/app.ts';
import { readUserFile, type UserFilePlace } from '../config/user-file.ts';
import { nodeUserFileSystem } from '../config/user-file-system.ts';
import type { WorkspaceRootStore } from '../documents/workspace-roots.ts';
import type { Clock, LogLevel } from '../domain/ports.ts';
import type { AppLog } from '../observability/log.ts';
import { readClient } from './client.ts';
import { registerChat } from './handlers/chat.ts';
import { registerCodeAction } from './handlers/code-action.ts';
import { registerCompletion } from './handlers/completion.ts';
import { registerConfiguration } from './handlers/configuration.ts';
import { registerExecuteCommand } from './handlers/execute-command.ts';
import { registerInlineCompletion } from './handlers/inline-completion.ts';
import { registerInsight } from './handlers/insight.ts';
import { followProjectFiles } from './handlers/project-files.ts';
import { registerShown } from './handlers/shown.ts';
import { keepSurface } from './handlers/surface.ts';
import { registerTextDocuments } from './handlers/text-document.ts';
import { keepMetrics } from './keep-metrics.ts';
import { clientNotifications, clientRequests, MessageType, notifications, requests } from './protocol.ts';
import { onNotification, onRequest } from './receive.ts';
import { offersList, serverCapabilities } from './server-capabilities.ts';
import { createSession, type Session } from './session.ts';
import { statusParams } from './to-lsp/status.ts';
import type { Channel } from './transport/channel.ts';
import { createServerConnection } from './transport/connection.ts';
import { createWatchdog } from './transport/watchdog.ts';
import { backgroundProgress } from './work-done.ts';

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
  /** Called once, when the client is gone: the code to end with, should nothing be left that keeps the process alive. */
  readonly leaving: (code: number) => void;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/** Milliseconds open work may take to let go of its connections when the client is gone. */
const FAREWELL = 300;

export function serve(options: ServerOptions): void {
  const { channel, clock, log, version, workerPath, observerPath, userFile, profile, exit } = options;
  const progress = backgroundProgress(() => session);
  const app = createApp({
    place: userFile,
    clock,
    log,
    profile,
    workerPath,
    observerPath,
    progress,
  });
  const { assistant, roots, warmUp } = app;
  let leaving = false;

  function leave(code: number): void {
    if (leaving) return;
    leaving = true;
    options.leaving(code);
    watchdog.dispose();
    session.end();
    clock.setTimeout(() => exit(code), FAREWELL);
    Promise.all([assistant.dispose(), session.answers.dispose(), metrics.dispose()])
      .catch((error: unknown) => log.warn('Not everything could be closed.', { error: String(error) }))
      .finally(() => exit(code));
  }

  const watchdog = createWatchdog({ clock, log, onParentGone: () => leave(1) });
  watchdog.watch(options.clientProcessId);
  const connection = createServerConnection({ ...channel, clock, log, watchdog, onExit: leave });
  const session: Session = createSession({ connection, assistant, progress, log, clock });
  const configuration = registerConfiguration(session);
  const surface = keepSurface(session);
  const metrics = keepMetrics(assistant.stats, log);

  let greet: () => void = () => undefined;

  onRequest(connection, requests.initialize, async (params) => {
    session.client = readClient(params);
    const file = await readUserFile(userFile, nodeUserFileSystem, new AbortController().signal);
    const changes = [
      assistant.loadUserFile(file),
      assistant.configure('initializationOptions', params.initializationOptions),
    ];
    roots.set(foldersOf(params));
    greet = () => {
      changes.forEach(configuration.report);
      for (const warning of file.warnings) session.say('warning', warning);
    };
    const wanted = assistant.settings().completion.surface;
    surface.announced(offersList(session.client, wanted));
    // Status lines know from the start who completes, without asking for it.
    const experimental = { inkling: { status: statusParams(assistant.status()) } };
    return {
      capabilities: { ...serverCapabilities(session.client, wanted), experimental },
      serverInfo: { name: 'inkling', version },
    };
  });

  onNotification(session, notifications.initialized, () => {
    greet();
    // Not before: warming up while `initialize` is answered would make the editor wait for it.
    assistant.onSettings(() => {
      surface.update();
      metrics.update(assistant.settings().metrics.port);
      warmUp();
    });
    metrics.update(assistant.settings().metrics.port);
    configuration.subscribe();
    configuration.pull();
    if (session.client.workspaceFolders) followFolders(session, roots);
    followProjectFiles(session, app);
    warmUp();
  });

  progress.register(session);
  registerTextDocuments(session);
  registerInlineCompletion(session);
  registerCompletion(session);
  registerShown(session);
  registerChat(session);
  registerInsight(session);
  registerExecuteCommand(session);
  registerCodeAction(session);

  assistant.onStatus((status) => void connection.sendNotification('didChangeStatus', statusParams(status)));
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

function followFolders(session: Session, roots: WorkspaceRootStore): void {
  const { connection, log } = session;
  onNotification(session, notifications.didChangeWorkspaceFolders, () => {
    connection
      .sendRequest(clientRequests.workspaceFolders)
      .then((folders) => roots.set((folders ?? []).map(({ uri }) => uri)))
      .catch((error: unknown) => log.warn('The workspace folders are unknown.', { error: String(error) }));
  });
}
