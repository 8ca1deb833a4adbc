/** What clients report of suggestions they showed: the notification names are those existing completion clients send. */
import type { Session } from '../session.ts';
import { ACCEPT_COMPLETION } from '../to-lsp/accept-command.ts';

export function registerShown({ connection, assistant }: Session): void {
  connection.onNotification('textDocument/didShowCompletion', (params: unknown) => {
    const id = idOf(params);
    if (id !== undefined) assistant.suggestionShown(id);
  });
  connection.onNotification('textDocument/didPartiallyAcceptCompletion', (params: unknown) => {
    const id = idOf(params);
    const length = (params as { acceptedLength?: unknown } | null)?.acceptedLength;
    if (id !== undefined && typeof length === 'number') assistant.suggestionPartlyAccepted(id, length);
  });
}

/** The item comes back as it was sent, so its command holds the suggestion's id. */
function idOf(params: unknown): string | undefined {
  const { command } =
    (params as { item?: { command?: { command?: unknown; arguments?: unknown } } } | null)?.item ?? {};
  if (command?.command !== ACCEPT_COMPLETION || !Array.isArray(command.arguments)) return undefined;
  const [id]: unknown[] = command.arguments;
  return typeof id === 'string' ? id : undefined;
}
