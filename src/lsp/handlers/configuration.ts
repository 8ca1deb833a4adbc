/** Settings as clients send them: with `initialize`, pushed, or pulled when the client offers it and waits for nothing. */
import { describeIssue } from '../../config/issue.ts';
import type { SettingsChange } from '../../config/store.ts';
import { clientRequests, notifications } from '../protocol.ts';
import { onNotification } from '../receive.ts';
import { registerCapability } from '../register-capability.ts';
import type { Session } from '../session.ts';

const SECTION = 'inkling';

export interface Configuration {
  /** Tells the user what is wrong with settings, once. */
  report(change: SettingsChange): void;
  /** Asks the client for its settings, where it answers such questions. */
  pull(): void;
  /** Asks to be told of changes, where the client wants to be asked. */
  subscribe(): void;
}

export function registerConfiguration(session: Session): Configuration {
  const { connection, assistant, log } = session;
  let pulling = false;
  let isKnown = false;

  function report({ issues, changes }: SettingsChange): void {
    for (const issue of issues) {
      const sentence = describeIssue(issue);
      log.warn(`Setting ignored: ${sentence}`);
      session.say('warning', `Inkling ignored ${sentence}`);
    }
    for (const { path, layer } of changes) log.info('Setting changed.', { path, layer });
  }

  function pull(): void {
    if (!session.client.configuration || pulling) return;
    pulling = true;
    session
      .idle()
      .then(() => connection.sendRequest(clientRequests.configuration, { items: [{ section: SECTION }] }))
      .then((answer) => {
        const settings: unknown = Array.isArray(answer) ? answer[0] : undefined;
        if (settings === null || settings === undefined) return;
        // The first answer may come after the user chose a provider by command: it tells of no later change.
        report(isKnown ? assistant.configure('client', settings) : assistant.learn('client', settings));
        isKnown = true;
      })
      .catch((error: unknown) => log.warn('The editor did not say its settings.', { error: String(error) }))
      .finally(() => {
        pulling = false;
      });
  }

  // A client that pushes nothing useful means "ask me": that is how those behave that only answer questions.
  onNotification(session, notifications.didChangeConfiguration, (params: { settings?: unknown } | undefined) => {
    const settings = params?.settings;
    if (saysSomething(settings)) report(assistant.configure('client', settings));
    else if (session.client.configuration) pull();
    else report(assistant.configure('client', {}));
  });

  return {
    report,
    pull,
    subscribe() {
      if (!session.client.dynamicConfiguration) return;
      registerCapability(connection, notifications.didChangeConfiguration.method, { section: SECTION }).catch(
        (error: unknown) => log.warn('Changes of settings are not announced.', { error: String(error) }),
      );
    },
  };
}

function saysSomething(settings: unknown): boolean {
  return typeof settings === 'object' && settings !== null && Object.keys(settings).length > 0;
}
