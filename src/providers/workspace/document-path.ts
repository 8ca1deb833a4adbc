/** Brings the documents' addresses and the crawled files' paths to one form, so that they can be compared. */
import { fileURLToPath } from 'node:url';

/** The absolute path of a `file:` URI; any other URI stands for itself. */
export function pathOfUri(uri: string): string {
  if (!uri.startsWith('file:')) return uri;
  try {
    return fileURLToPath(uri);
  } catch {
    return uri;
  }
}
