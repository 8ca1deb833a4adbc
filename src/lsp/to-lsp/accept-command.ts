/** The command an editor runs when a suggestion was accepted; both surfaces carry the same one. */
import type { Command } from 'vscode-languageserver/node';
import type { Offer } from '../../completion/outcome.ts';

export const ACCEPT_COMPLETION = 'inkling.acceptCompletion';

export function acceptCommand({ id }: Offer): Command {
  return { title: 'Accept suggestion', command: ACCEPT_COMPLETION, arguments: [id] };
}
