/** One completion from the keystroke to its answer, at a place where nothing that was offered before fits. */
import { type LspClient, offeredTexts, type Position } from './lsp-client.ts';
import { type Bench, noDebounce, remoteOptions, type SubjectName, startSubject } from './subjects.ts';
import { beginningOfLine, oneLineAnswer, sourceText } from './texts.ts';
import { type Answer, type Call, startUpstream, type Upstream } from './upstream.ts';

/** A folder that is not there: the document lies in its workspace, and nothing else does. */
const root = '/bench';
export const documentUri = `file://${root}/main.ts`;

/** A server with its own model server and an open document. */
export interface Desk {
  readonly client: LspClient;
  readonly upstream: Upstream;
  /** Begins a new line and returns the place at its end. */
  beginLine(): Position;
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly answer?: Answer;
  /** Characters of the document. */
  readonly size?: number;
  readonly initializationOptions?: (url: string) => object;
}

export async function openDesk(bench: Bench, name: SubjectName, options: DeskOptions = {}): Promise<Desk> {
  const { answer = { kind: 'at-once', parts: oneLineAnswer }, size = 6_000 } = options;
  const { initializationOptions = (url) => remoteOptions(url, noDebounce) } = options;
  const upstream = await startUpstream(answer);
  const client = await startSubject(bench, name, initializationOptions(upstream.url), root);
  const text = sourceText(size);
  client.open(documentUri, text);
  let line = Math.floor(text.split('\n').length / 2);
  return {
    client,
    upstream,
    beginLine() {
      line += 1;
      const beginning = beginningOfLine(line);
      client.insert(documentUri, { line, character: 0 }, `${beginning}\n`);
      return { line, character: beginning.length };
    },
    async close() {
      await client.stop();
      await upstream.close();
    },
  };
}

/**
 * Milliseconds that the server added to the model's time: from the request to its arrival upstream, and from upstream's
 * last byte to the answer. Throws where the model was not asked or its text was not offered, because then something else was measured.
 */
export async function addedLatency({ client, upstream, beginLine }: Desk): Promise<number> {
  const before = upstream.calls.length;
  const at = beginLine();
  const request = client.complete(documentUri, at, 'automatic');
  const reply = await request.reply;
  const call = upstream.calls[before];
  if (call?.lastByteAt === undefined) throw new Error('A completion did not reach the model.');
  if (offeredTexts(reply).length === 0) throw new Error(`Nothing was offered (${JSON.stringify(reply)}).`);
  return call.receivedAt - request.sentAt + (reply.at - call.lastByteAt);
}

export async function repeat<Result>(count: number, run: (number: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let number = 0; number < count; number += 1) results.push(await run(number));
  return results;
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The milliseconds a call was open after this moment, when the server closed it. */
export function closedAfter(call: Call, moment: number): number | undefined {
  return call.abortedAt === undefined ? undefined : call.abortedAt - moment;
}
