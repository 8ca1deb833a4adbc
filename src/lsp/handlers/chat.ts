/** `inkling/chat`: an answer, streamed where the client gave a token, whole in the end in any case. */
import { type ProgressToken, ProgressType } from 'vscode-jsonrpc/node';
import { readParams } from '../params.ts';
import type { Session } from '../session.ts';
import { reportWork } from '../work-done.ts';

const delta = new ProgressType<{ readonly delta: string }>();

export function registerChat({ connection, assistant, answer }: Session): void {
  // As in `insight.ts`: the token comes last, also where the client sent no params.
  connection.onRequest('inkling/chat', (...sent) => {
    const [token, raw] = sent.toReversed();
    return answer(token, async (signal) => {
      const { partialResultToken, workDoneToken, ...question } = await readParams('inkling/chat', raw);
      const done = reportWork(connection, workDoneToken, 'Asking');
      try {
        return await assistant.chat(question, signal, (text) => sendDelta(partialResultToken, text));
      } finally {
        done();
      }
    });
  });

  /** Resolves when the text is written, so that a slow client slows the provider down. */
  async function sendDelta(token: ProgressToken | undefined, text: string): Promise<void> {
    if (token !== undefined) await connection.sendProgress(delta, token, { delta: text });
  }
}
