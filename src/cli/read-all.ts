/** What is piped in, to its end. */
import { addAbortSignal } from 'node:stream';
import { CommandFailure, exitCode } from './command.ts';

/** @throws CommandFailure for more than so many bytes. */
export async function readAll(input: NodeJS.ReadStream, longest: number, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, input)) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > longest) throw new CommandFailure(`More than ${sizeOf(longest)} were piped in.`, exitCode.wrongUsage);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sizeOf(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / (1024 * 1024)} MB` : `${bytes / 1024} KB`;
}
