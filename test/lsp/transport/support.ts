/** What the transport's tests share: frames as bytes, and a log that remembers. */
import type { Log, LogFields } from '../../../src/domain/ports.ts';

export function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

export interface MemoryLog extends Log {
  readonly lines: string[];
}

export function createMemoryLog(): MemoryLog {
  const lines: string[] = [];
  const note = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  return { lines, error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') };
}
