/** Log lines in a file of the user's choice, readable by that user alone and never longer than two of its limits. */
import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { LogSink } from './log.ts';

/** Bytes; a file that is longer becomes `FILE.1`, replacing the one before. */
const LONGEST_FILE = 8 * 1024 * 1024;

/** A file that cannot be written is given up on, and `onFailure` told once: logging must never be what fails. */
export function createFileSink(path: string, onFailure: (error: unknown) => void = () => undefined): LogSink {
  let bytes = sizeOf(path);
  let broken = false;
  return {
    write({ line }) {
      if (broken) return;
      try {
        if (bytes > LONGEST_FILE) {
          renameSync(path, `${path}.1`);
          bytes = 0;
        }
        appendFileSync(path, `${line}\n`, { mode: 0o600 });
        bytes += Buffer.byteLength(line) + 1;
      } catch (error) {
        broken = true;
        onFailure(error);
      }
    },
  };
}

/** A path that cannot even be looked at is found out by the first line that is written. */
function sizeOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}
