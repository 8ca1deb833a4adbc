/** What a person does in an editor, done to a server: opens a file, types, looks at the ghost text. */
import { pathToFileURL } from 'node:url';
import type { LspClient } from './lsp-client.ts';

export interface Keystroke {
  /** The text of the line up to the cursor, after the key. */
  readonly before: string;
  /** The first line of what is offered; `undefined` where nothing is. */
  readonly ghost: string | undefined;
  /** From the edit being sent to the answer being read. */
  readonly milliseconds: number;
}

export interface DemoSession {
  readonly lines: readonly string[];
  /**
   * Takes the text of a line out and types it again from its indentation on, a key at a time, until `stop` says so or it
   * is there again; then the line is as it was.
   */
  retype(line: number, stop: (keystroke: Keystroke) => boolean): AsyncGenerator<Keystroke>;
}

interface OpenFile {
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
}

/** The wire's number for a request that nobody asked for by a key. */
const AUTOMATIC = 2;

export function openInDemo(server: LspClient, { path, languageId, text }: OpenFile): DemoSession {
  const uri = pathToFileURL(path).href;
  const lines = text.split('\n');
  let version = 1;
  server.notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });

  function replace(line: number, from: number, to: number, newText: string): void {
    version += 1;
    const range = { start: { line, character: from }, end: { line, character: to } };
    server.notify('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range, text: newText }],
    });
  }

  async function typeKey(line: number, before: string): Promise<Keystroke> {
    const character = before.length;
    const started = performance.now();
    replace(line, character - 1, character - 1, before.slice(-1));
    const items = await server.request('textDocument/inlineCompletion', {
      textDocument: { uri },
      position: { line, character },
      context: { triggerKind: AUTOMATIC },
    });
    return { before, ghost: ghostOf(items), milliseconds: performance.now() - started };
  }

  return {
    lines,
    async *retype(line, stop) {
      const whole = lines[line] ?? '';
      const indentation = whole.length - whole.trimStart().length;
      replace(line, indentation, whole.length, '');
      let typed = indentation;
      try {
        while (typed < whole.length) {
          typed += 1;
          const keystroke = await typeKey(line, whole.slice(0, typed));
          yield keystroke;
          if (stop(keystroke)) return;
        }
      } finally {
        replace(line, indentation, typed, whole.slice(indentation));
      }
    },
  };
}

function ghostOf(answer: unknown): string | undefined {
  const items = Array.isArray(answer) ? answer : (answer as { readonly items?: readonly unknown[] } | null)?.items;
  const [first] = (items ?? []) as readonly { readonly insertText?: unknown }[];
  return typeof first?.insertText === 'string' ? first.insertText.split('\n', 1)[0] : undefined;
}
