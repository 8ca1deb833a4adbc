/** Log lines in a file of the user's choice, readable by that user alone and never longer than two of its limits. */
import { appendFileSync, chmodSync, renameSync, statSync } from 'node:fs';
import type { LogSink } from './log.ts';

/** Bytes; a file that is longer becomes `FILE.1`, replacing the one before. */
const LONGEST_FILE = 8 * 1024 * 1024;

/** What others than the file's owner may do with it. */
const OTHERS = 0o077;

/**
 * A file that was there before is taken from everybody else's eyes. One that cannot be written, or that others may read
 * because it is not ours to change, is given up on, and `onFailure` told once: logging must never be what fails.
 */
export function createFileSink(path: string, onFailure: (error: unknown) => void = () => undefined): LogSink {
  let bytes = sizeOf(path);
  let isOurs = false;
  let broken = false;
  return {
    write({ line }) {
      if (broken) return;
      try {
        if (!isOurs) takeOver(path);
        isOurs = true;
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

/** Throws where others may read the file and that cannot be changed. A device or a pipe is left as it is. */
function takeOver(path: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file?.isFile() && (file.mode & OTHERS) !== 0) chmodSync(path, file.mode & ~OTHERS);
}

/** A path that cannot even be looked at is found out by the first line that is written. */
function sizeOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}
