/** An offer as an item of the completion list, written the way each kind of client inserts it. */
import type { CompletionItem, Position } from 'vscode-languageserver/node';
import type { Offer } from '../../completion/outcome.ts';
import type { DocumentSnapshot } from '../../domain/text.ts';
import type { Client } from '../client.ts';
import { CompletionItemKind, InsertTextFormat, InsertTextMode } from '../protocol.ts';
import { acceptCommand } from './accept-command.ts';

/** Some editors fail on long labels. */
const LONGEST_LABEL = 80;

export function listItem(offer: Offer, document: DocumentSnapshot, cursor: Position, client: Client): CompletionItem {
  const before = document.text.lineAt(cursor.line).slice(0, cursor.character);
  const word = /[\p{L}\p{N}_$]*$/u.exec(before)?.[0] ?? '';
  const indentation = /^[ \t]*/.exec(before)?.[0] ?? '';
  const whole = word + offer.insertText;
  const firstLine = whole.split('\n', 1)[0] ?? '';
  const severalLines = whole.includes('\n');
  const snippet = severalLines && client.snippets;
  const text = severalLines && !client.insertsVerbatim ? dedent(whole, indentation) : whole;
  const start = { line: cursor.line, character: cursor.character - word.length };
  // One edit, also over what follows the cursor: editors apply additional edits after this one, at places it has moved.
  const end = { line: cursor.line, character: cursor.character + offer.replaces };
  return {
    label: label(firstLine, offer.insertText),
    filterText: firstLine,
    sortText: '0',
    kind: severalLines ? CompletionItemKind.Snippet : CompletionItemKind.Text,
    detail: `${offer.provider}${offer.model === '' ? '' : ` · ${offer.model}`}`,
    documentation: { kind: 'markdown', value: fenced(whole, document.languageId) },
    textEdit: { range: { start, end }, newText: snippet ? escapeSnippet(text) : text },
    insertTextFormat: snippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    ...(severalLines && client.adjustsIndentation && { insertTextMode: InsertTextMode.adjustIndentation }),
    command: acceptCommand(offer),
  };
}

/** One line of at most 80 UTF-16 code units that never ends inside a surrogate pair. Of a text that begins with a line break, the line after it too. */
function label(firstLine: string, insertText: string): string {
  const next = /^[ \t]*\n\s*(.*)/.exec(insertText)?.[1];
  const line = next === undefined ? firstLine : `${firstLine}↵ ${next}`;
  if (line.length <= LONGEST_LABEL) return line;
  return `${line.slice(0, LONGEST_LABEL - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function dedent(text: string, indentation: string): string {
  return indentation === '' ? text : text.replaceAll(`\n${indentation}`, '\n');
}

function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, (character) => `\\${character}`);
}

function fenced(text: string, languageId: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${languageId}\n${text}\n${fence}`;
}
