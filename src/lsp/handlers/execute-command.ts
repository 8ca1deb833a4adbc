/** `workspace/executeCommand`: answered at once. */
import type { ActionKind } from '../../assistant/act.ts';
import { type CommandName, commandNames } from '../command-names.ts';
import { requests } from '../protocol.ts';
import { onRequest } from '../receive.ts';
import type { Session } from '../session.ts';
import { ACCEPT_COMPLETION } from '../to-lsp/accept-command.ts';
import { invalidParams } from '../to-lsp/response-error.ts';
import { EXPLAIN_LAST } from '../to-lsp/status.ts';
import { beginAction, beginChat, CHAT, showContext } from './actions.ts';

type Command = (session: Session, argument: unknown) => Promise<void> | void;

const action =
  (kind: ActionKind): Command =>
  (session, raw) =>
    beginAction(session, kind, raw);

const table: Readonly<Record<CommandName, Command>> = {
  'inkling.fix': action('fix'),
  'inkling.refactor': action('refactor'),
  'inkling.document': action('document'),
  'inkling.explainCode': action('explainCode'),
  'inkling.generateTests': action('generateTests'),
  [CHAT]: beginChat,
  [ACCEPT_COMPLETION]({ assistant }, id) {
    if (typeof id === 'string') assistant.suggestionAccepted(id);
  },
  async 'inkling.selectProvider'({ assistant, say }, id) {
    if (typeof id !== 'string') {
      const { providers } = await assistant.providers();
      throw invalidParams(
        `inkling.selectProvider takes the id of a provider: ${providers.map((one) => one.id).join(', ')}.`,
      );
    }
    const report = await assistant.setProvider(id);
    const chats = report.providers.find((one) => one.id === report.chat)?.capabilities.chat === true;
    say(
      'info',
      `Inkling completes with "${report.completion}" and chats with ${chats ? `"${report.chat}"` : 'nobody'}.`,
    );
  },
  'inkling.clearCache'({ assistant }) {
    assistant.clearCache();
  },
  [EXPLAIN_LAST]({ assistant, say }) {
    const [last] = assistant.explain({});
    say(
      'info',
      last === undefined
        ? 'Inkling has not been asked for a suggestion yet.'
        : `Last suggestion (${last.trigger}, ${Math.round(last.total ?? 0)} ms): ${last.outcome ?? 'running'}. ${last.reason ?? ''}`,
    );
  },
  'inkling.showContext': showContext,
  'inkling.showStats'({ assistant, say }) {
    const { suggestions, providers } = assistant.stats();
    const lines = Object.entries(providers).map(
      ([id, stats]) =>
        `${id}: ${stats.requests} requests, p50 ${stats.total.p50 ?? '–'} ms, p95 ${stats.total.p95 ?? '–'} ms`,
    );
    say(
      'info',
      `Inkling offered ${suggestions.offered} suggestions, ${suggestions.accepted} were accepted, ${suggestions.kept.after2Minutes} of them still there 2 minutes later. ${lines.join('; ')}`.trim(),
    );
  },
};

export function registerExecuteCommand(session: Session): void {
  onRequest(session.connection, requests.executeCommand, (params, token) =>
    session.answer(token, async () => {
      const name = commandNames.find((name) => name === params.command);
      if (name === undefined)
        throw invalidParams(`There is no command "${params.command}". Known: ${commandNames.join(', ')}.`);
      await table[name](session, params.arguments?.[0]);
      return null;
    }),
  );
}
