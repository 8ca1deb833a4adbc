/**
 * The file of audit lines: readable by its user alone, never longer than two of its limits, and each line carries the hash
 * of the one before, so that nobody changes or removes one without the next one showing it. Several processes share it.
 */
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type LockClock, withFileLock } from '../util/file-lock.ts';

/** Bytes; a file that is longer becomes `FILE.1`, replacing the one before. */
const LONGEST_FILE = 4 * 1024 * 1024;
/** Bytes read from the end to find the last line; no line is longer. */
const TAIL = 64 * 1024;
/** Milliseconds. */
const LOCK_PATIENCE = 2_000;
const LONGEST_SILENCE = 10_000;
/** What the first line of all carries. */
const BEGINNING = '0'.repeat(64);

/** Appends one line for each entry. Rejects where the file cannot be written, or others write for too long. */
export async function appendAuditLines(
  path: string,
  entries: readonly object[],
  clock: LockClock,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = { path: `${path}.lock`, clock, patience: LOCK_PATIENCE, longestSilence: LONGEST_SILENCE };
  await withFileLock(lock, signal, async () => {
    let previous = await lastHash(path);
    const lines = entries.map((entry) => {
      const line = JSON.stringify({ ...entry, previous });
      previous = hash(line);
      return `${line}\n`;
    });
    if ((await sizeOf(path)) > LONGEST_FILE) await rename(path, `${path}.1`);
    await append(path, lines.join(''));
  });
}

async function append(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(path, 0o600);
    // One that was cut off by the end of its process stays a line of its own; the check names it, as it cannot know why.
    const isCut = size > 0 && !(await tailOf(path)).endsWith('\n');
    await file.appendFile(isCut ? `\n${text}` : text, 'utf8');
  } finally {
    await file.close();
  }
}

export interface AuditVerdict {
  readonly lines: number;
  /** What is wrong, with the file and line; `undefined` where every line follows from the one before. */
  readonly broken?: string;
}

/** Reads the file, and the one before it. Rejects where one is there and cannot be read. */
export async function verifyAuditFile(path: string): Promise<AuditVerdict> {
  let previous: string | undefined;
  let lines = 0;
  for (const file of [`${path}.1`, path]) {
    const text = await readFile(file, 'utf8').catch(whenAbsent);
    const found = (text ?? '').split('\n').filter((line) => line !== '');
    for (const [at, line] of found.entries()) {
      const said = previousOf(line);
      // Of the oldest file that is left, the lines before are gone by themselves.
      const isFollowing = previous === undefined ? file.endsWith('.1') || said === BEGINNING : said === previous;
      if (!isFollowing) {
        return { lines, broken: `${file}:${at + 1}: this line was changed, or one before it was changed or removed` };
      }
      previous = hash(line);
      lines += 1;
    }
  }
  return { lines };
}

async function lastHash(path: string): Promise<string> {
  const last = (await tailOf(path)).split('\n').findLast((line) => line !== '');
  if (last !== undefined) return hash(last);
  return path.endsWith('.1') ? BEGINNING : lastHash(`${path}.1`);
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(whenAbsent);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(whenAbsent))?.size ?? 0;
}

function previousOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { previous?: unknown }).previous;
  } catch {
    return undefined;
  }
}

function hash(line: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(line).digest('hex');
}

function whenAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
