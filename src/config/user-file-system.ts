/** How the user file is read from disk; apart so that tests need no disk. */
import { open } from 'node:fs/promises';

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

export const nodeUserFileSystem: UserFileSystem = {
  async read(path, largest, signal) {
    signal.throwIfAborted();
    const file = await open(path, 'r').catch((error: unknown) => {
      if (isAbsence(error)) return undefined;
      throw error;
    });
    if (file === undefined) return 'absent';
    try {
      const { mode } = await file.stat();
      // One byte more than allowed says that it is too large; its size is not asked, since a growing file or a pipe lies.
      const buffer = Buffer.alloc(largest + 1);
      let length = 0;
      for (let read = 1; read > 0 && length < buffer.length; length += read) {
        signal.throwIfAborted();
        read = (await file.read(buffer, length, buffer.length - length)).bytesRead;
      }
      return length > largest ? 'too large' : { text: buffer.toString('utf8', 0, length), mode };
    } finally {
      await file.close();
    }
  },
};

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
