/** The project files of the workspace's roots: what is wrong with them is said, and a change that the client sees is followed. */
import type { App } from '../../app/app.ts';
import { describeIssue } from '../../config/issue.ts';
import { projectFileName } from '../../config/project-file.ts';
import { notifications } from '../protocol.ts';
import { onNotification } from '../receive.ts';
import { registerCapability } from '../register-capability.ts';
import type { Session } from '../session.ts';

/** Call it once the client is initialized: before, nothing may be said to it. */
export function followProjectFiles(session: Session, projects: App['projects']): void {
  const { connection, client, log } = session;
  projects.onIssue((issue) => {
    const sentence = `In ${issue.file}: ${describeIssue(issue)}`;
    log.warn(`Setting ignored: ${sentence}`);
    session.say('warning', `Inkling ignored a setting. ${sentence}`);
  });
  onNotification(session, notifications.didChangeWatchedFiles, () => projects.read());
  if (!client.dynamicWatchedFiles) return;
  const watchers = [{ globPattern: `**/${projectFileName}` }];
  registerCapability(connection, notifications.didChangeWatchedFiles.method, { watchers }).catch((error: unknown) =>
    log.warn('Changes of project files are not announced.', { error: String(error) }),
  );
}
