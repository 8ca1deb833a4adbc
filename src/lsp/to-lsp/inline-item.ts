/** An offer as ghost text: LF only, absolute indentation, a range on one line of the current version. */
import type { InlineCompletionItem, Position } from 'vscode-languageserver/node';
import type { Offer } from '../../completion/outcome.ts';
import { acceptCommand } from './accept-command.ts';

export function inlineItem(offer: Offer, cursor: Position): InlineCompletionItem {
  return {
    insertText: offer.insertText,
    range: { start: cursor, end: { line: cursor.line, character: cursor.character + offer.replaces } },
    command: acceptCommand(offer),
  };
}
