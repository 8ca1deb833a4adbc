/** Asks a port of this machine for a short text; apart because nothing else of the command line speaks HTTP. */
import { get, type IncomingMessage } from 'node:http';

/** Milliseconds a program on this machine has to answer. */
const PATIENCE = 2_000;
/** Bytes; hundreds of providers fit into it. */
const LONGEST_ANSWER = 1_024 * 1_024;

/** The body of a good answer, `undefined` for any other one. Rejects where nothing answers or the signal is aborted. */
export async function readLocal(port: number, path: string, signal: AbortSignal): Promise<string | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false, signal: limit }, resolve).on('error', reject);
  });
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    const piece = Buffer.from(part);
    bytes += piece.length;
    // Leaving the loop closes the connection.
    if (bytes > LONGEST_ANSWER) return undefined;
    parts.push(piece);
  }
  return response.statusCode === 200 ? Buffer.concat(parts).toString('utf8') : undefined;
}
