/** A file that somebody names for a chat and that no editor has open; apart because here, and only here, a chat makes us read the disk. */
import { pathToFileURL } from 'node:url';
import { AiError, type AiErrorKind } from '../domain/ai-error.ts';
import type { DocumentSnapshot } from '../domain/text.ts';
import { languageIdOf } from '../util/language-id.ts';
import type { LocalFiles } from '../util/local-files.ts';
import { TextBuffer } from '../util/text-buffer.ts';
import { placeOf, slashedPath } from './document-place.ts';
import { pathsBelow, relativePath } from './relative-path.ts';

/** What an excerpt is taken from. */
export type ExcerptSource = Pick<DocumentSnapshot, 'uri' | 'languageId' | 'text'>;

/** Bytes. */
const LARGEST_FILE = 1024 * 1024;

/**
 * The file as it is saved, under the address of where it really lies: a regular file of at most 1 MB inside one of `roots`.
 * Throws `AiError` for any other. Whether its text may leave the machine is for the caller to ask.
 */
export function readUnopenedFile(uri: string, roots: readonly string[], files: LocalFiles): ExcerptSource {
  const name = relativePath(uri, roots) || `"${uri}"`;
  const refuse = (kind: AiErrorKind, why: string) =>
    new AiError(kind, 'inkling', `${name} is not open in the editor, and ${why}. Open it, or ask without it.`);

  const { scheme, path } = placeOf(uri);
  if (scheme !== 'file' || path === undefined) throw refuse('notFound', 'its address is that of no file');
  const real = files.realPath(path);
  if (real === undefined) throw refuse('notFound', 'there is no such file');
  if (pathsBelow(slashedPath(real), roots).length === 0) {
    throw refuse('permission', 'it lies outside the folders that are');
  }
  const text = files.readText(real, LARGEST_FILE);
  if (text === undefined) throw refuse('invalidRequest', 'it is no file of at most 1 MB that can be read');
  return {
    uri: pathToFileURL(real).href,
    languageId: languageIdOf(real),
    text: TextBuffer.from(text.replace(/^\uFEFF/, '')),
  };
}
