/** How the user file is read from disk; apart so that tests need no disk. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface UserFileSystem {
  /**
   * Reads a whole file of at most `largest` bytes as UTF-8. Rejects when it exists and cannot be read.
   * `mode` is as `stat` gives it.
   */
  read(
    path: string,
    largest: number,
    signal: AbortSignal,
  ): Promise<{ text: string; mode: number } | 'absent' | 'too large'>;
}

/** In one go: it is read at start-up, before which nothing else can be done, and a thread for it takes 2 ms to begin. */
export const nodeUserFileSystem: UserFileSystem = {
  async read(path, largest, signal) {
    signal.throwIfAborted();
    const file = openIfPresent(path);
    if (file === undefined) return 'absent';
    try {
      const { mode } = fstatSync(file);
      // One byte more than allowed says that it is too large; its size is not asked, since a growing file or a pipe lies.
      const buffer = Buffer.alloc(largest + 1);
      let length = 0;
      for (let read = 1; read > 0 && length < buffer.length; length += read)
        read = readSync(file, buffer, length, buffer.length - length, null);
      return length > largest ? 'too large' : { text: buffer.toString('utf8', 0, length), mode };
    } finally {
      closeSync(file);
    }
  },
};

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
