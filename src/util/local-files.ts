/** The only ways a workspace's small files are read: where a path really leads, and what a file says. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';

export interface LocalFiles {
  /** Absent where nothing is there. A network path is never asked for: asking could send credentials. */
  realPath(path: string): string | undefined;
  /** Absent where it is no regular file of at most `maxBytes`. Never follows a link in the last segment, never waits. */
  readText(path: string, maxBytes: number): string | undefined;
}

export const localFiles: LocalFiles = {
  realPath(path) {
    if (/^(?:\/\/|\\\\)/.test(path)) return undefined;
    try {
      return realpathSync.native(path);
    } catch {
      return undefined;
    }
  },
  readText(path, maxBytes) {
    let file: number | undefined;
    try {
      // Without O_NONBLOCK a named pipe in a workspace would hold the server for ever. Windows has neither flag.
      file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
      const status = fstatSync(file);
      if (!status.isFile() || status.size > maxBytes) return undefined;
      const buffer = Buffer.alloc(status.size);
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, status.size, 0));
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  },
};
