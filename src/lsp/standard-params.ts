/** What of the params of LSP's own messages our handlers rely on. Whatever they do not look at may be as it likes. */
import { notifications, requests } from './protocol.ts';
import { anObject, count, either, listOf, number, object, optional, type Shape, text, token } from './shape.ts';

const position = object({ line: count, character: count });
const textDocument = object({ uri: text });

export const range = object({ start: position, end: position });

const inDocument = object({ textDocument, position });
const folder = object({ uri: text });
/** Since LSP 3.18 a message may be Markdown. */
const message = either(text, object({ value: text }));
const diagnostic = object({ range, message, severity: optional(number), source: optional(text) });
const change = object({ text, range: optional(range) });

const shapes: Readonly<Record<string, Shape>> = {
  [requests.initialize.method]: object({
    capabilities: object({
      textDocument: optional(anObject),
      workspace: optional(anObject),
      window: optional(anObject),
    }),
    clientInfo: optional(object({ name: optional(text) })),
    rootUri: optional(text),
    workspaceFolders: optional(listOf(folder)),
  }),
  [requests.inlineCompletion.method]: inDocument,
  [requests.completion.method]: inDocument,
  [requests.codeAction.method]: object({
    textDocument,
    range,
    context: object({
      diagnostics: listOf(diagnostic),
      only: optional(listOf(text)),
      triggerKind: optional(number),
    }),
  }),
  [requests.executeCommand.method]: object({ command: text, arguments: optional(listOf(() => undefined)) }),
  [notifications.didOpen.method]: object({
    textDocument: object({ uri: text, languageId: text, version: number, text }),
  }),
  [notifications.didChange.method]: object({
    textDocument: object({ uri: text, version: optional(number) }),
    contentChanges: listOf(change),
  }),
  [notifications.didClose.method]: object({ textDocument }),
  [notifications.didSave.method]: object({ textDocument }),
  [notifications.didFocus.method]: object({ textDocument }),
  [notifications.cancelWorkDoneProgress.method]: object({ token }),
};

/** How the params of this message must look; anything goes for one whose params nobody reads. */
export function shapeOf(method: string): Shape {
  return shapes[method] ?? (() => undefined);
}
