/** Answers for editors without a chat of their own: Markdown files, readable by the user alone, gone with the server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { clientRequests } from './protocol.ts';

export interface AnswerFiles {
  /** Writes the answer and asks the editor to open it. Rejects when the editor does not. */
  show(title: string, markdown: string): Promise<void>;
  dispose(): Promise<void>;
}

/** An editor that cannot open a document answers with an error, or with nothing: the user is told where the answer is. */
async function isOpened(connection: MessageConnection, uri: string): Promise<boolean> {
  const answer = await connection.sendRequest(clientRequests.showDocument, { uri, takeFocus: true }).catch(() => null);
  return answer?.success === true;
}

export function createAnswerFiles(connection: MessageConnection, idle: () => Promise<void>): AnswerFiles {
  let folder: Promise<string> | undefined;
  let count = 0;

  return {
    async show(title, markdown) {
      folder ??= mkdtemp(join(tmpdir(), 'inkling-'));
      count += 1;
      const path = join(await folder, `${title.toLowerCase().replaceAll(' ', '-')}-${count}.md`);
      await writeFile(path, `${markdown.trim()}\n`, { mode: 0o600 });
      await idle();
      if (!(await isOpened(connection, pathToFileURL(path).href)))
        throw new Error(`The answer is in ${path}; the editor did not open it.`);
    },
    async dispose() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
