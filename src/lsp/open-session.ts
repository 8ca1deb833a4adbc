/** The session with a client that has been answered: makes the assistant and registers one handler per method. Never knows a provider. */
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { createApp } from '../app/app.ts';
import type { SettingsChange, SettingsStore } from '../config/store.ts';
import type { UserFile, UserFilePlace } from '../config/user-file.ts';
import type { WorkspaceRootStore } from '../documents/workspace-roots.ts';
import type { Clock } from '../domain/ports.ts';
import type { AppLog } from '../observability/log.ts';
import type { Client } from './client.ts';
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
import { clientRequests, notifications } from './protocol.ts';
import { onNotification } from './receive.ts';
import { offersList, type Surface } from './server-capabilities.ts';
import { createSession, type Session } from './session.ts';
import { statusParams } from './to-lsp/status.ts';
import { backgroundProgress } from './work-done.ts';

export interface SessionOptions {
  readonly connection: MessageConnection;
  readonly client: Client;
  /** As `initialize` left them; `surface` is what it announced. */
  readonly settings: SettingsStore;
  readonly surface: Surface;
  /** What `initialize` learned of the settings, to be told to the user. */
  readonly file: UserFile;
  readonly changes: readonly SettingsChange[];
  /** The folders the editor opened, as URIs. */
  readonly folders: readonly string[];
  readonly clock: Clock;
  readonly log: AppLog;
  readonly workerPath: string;
  readonly observerPath: string;
  readonly userFile: UserFilePlace;
}

export interface OpenSession {
  /** Stops what is under way and lets go of everything. */
  end(): Promise<void>;
}

export function openSession(options: SessionOptions): OpenSession {
  const { connection, client, settings, surface: announced, clock, log, workerPath, observerPath } = options;
  const progress = backgroundProgress(() => session);
  const app = createApp({
    place: options.userFile,
    settings,
    changes: options.changes,
    clock,
    log,
    workerPath,
    observerPath,
    progress,
  });
  const { assistant, roots, warmUp } = app;
  const session: Session = createSession({ connection, client, assistant, progress, log, clock });
  const configuration = registerConfiguration(session);
  const surface = keepSurface(session, offersList(client, announced));
  const metrics = keepMetrics(assistant.stats, log);
  roots.set(options.folders);

  onNotification(session, notifications.initialized, () => {
    options.changes.forEach(configuration.report);
    for (const warning of options.file.warnings) session.say('warning', warning);
    assistant.onSettings(() => {
      surface.update();
      metrics.update(assistant.settings().metrics.port);
      warmUp();
    });
    metrics.update(assistant.settings().metrics.port);
    configuration.subscribe();
    configuration.pull();
    if (client.workspaceFolders) followFolders(session, roots);
    followProjectFiles(session, app.projects);
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

  return {
    async end() {
      session.end();
      await Promise.all([assistant.dispose(), session.answers.dispose(), metrics.dispose()]);
    },
  };
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
