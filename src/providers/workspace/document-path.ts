/** Brings the documents' addresses and the crawled files' paths to one form, so that they can be compared. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The absolute path of a `file:` URI with its links resolved; any other URI stands for itself. */
export function realPathOfUri(uri: string): string {
  if (!uri.startsWith('file:')) return uri;
  try {
    const path = fileURLToPath(uri);
    return realPathOf(path) ?? path;
  } catch {
    return uri;
  }
}

/** Undefined for a file that is not saved yet. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
