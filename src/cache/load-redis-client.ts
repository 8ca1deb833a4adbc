/** Loads the package `ioredis`, where it is installed. Apart because of what one of its files would do to the whole process. */
import { createRequire, Module } from 'node:module';

const requireFromHere = createRequire(import.meta.url);

/**
 * By `require`, which finds it from where the program lies, never from a workspace, and runs with recorded bytecode too.
 * Throws where it is not installed.
 */
export function loadRedisClient(): typeof import('ioredis') {
  leaveOutVerbatimStrings();
  return requireFromHere('ioredis');
}

/**
 * A class that extends `String` makes V8 give up how it reads characters: from then on every loop over a string in this
 * process takes five to eight times as long (Node 20: 590 MB/s → 113; Node 24: 890 → 116), and the offline engine lives by
 * such loops. The package has one such class, for verbatim strings of RESP3, which we do not speak: its file counts as loaded.
 */
function leaveOutVerbatimStrings(): void {
  const file = verbatimStringsFile();
  if (file === undefined || requireFromHere.cache[file] !== undefined) return;
  const stand = new Module(file);
  stand.exports = { VerbatimString: plainString };
  stand.loaded = true;
  requireFromHere.cache[file] = stand;
}

/** Called with `new`. */
function plainString(_format: string, value: string): object {
  return Object(value);
}

/** `undefined` in a version of the package that has no such file. */
function verbatimStringsFile(): string | undefined {
  try {
    return requireFromHere.resolve('ioredis/built/resp/verbatim-string.js');
  } catch {
    return undefined;
  }
}
