/** Files and folders the user names on the command line, where an editor would open them. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentToOpen } from '../documents/document-store.ts';
import { languageIdOf } from '../util/language-id.ts';
import { CommandFailure, exitCode } from './command.ts';

/** Bytes; far above any source, far below what would stall. */
const LARGEST_FILE = 16 * 1024 * 1024;

/** The file as a document to open. @throws CommandFailure of wrong usage where there is no such text. */
export function readDocument(path: string, workingDirectory: string): DocumentToOpen {
  const absolute = resolve(workingDirectory, path);
  try {
    const file = statSync(absolute);
    if (!file.isFile()) throw new CommandFailure(`${path} is no file.`, exitCode.wrongUsage);
    if (file.size > LARGEST_FILE) throw new CommandFailure(`${path} is larger than 16 MB.`, exitCode.wrongUsage);
    // Its real place, because exclusions are judged by where a file is and not by what a link calls it.
    const real = realpathSync(absolute);
    return {
      uri: pathToFileURL(real).href,
      languageId: languageIdOf(real),
      version: 1,
      text: readFileSync(real, 'utf8').replace(/^\uFEFF/, ''),
    };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${path} cannot be read: ${reasonOf(error)}.`, exitCode.wrongUsage);
  }
}

/** The repository a folder belongs to, else the folder itself. */
export function rootOf(folder: string): string {
  for (let current = resolve(folder); ; current = dirname(current)) {
    if (existsSync(join(current, '.git'))) return current;
    if (dirname(current) === current) return resolve(folder);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission is denied',
    ENOTDIR: 'there is no such folder',
  };
  return known[code] ?? (error instanceof Error ? error.message : String(error));
}
