/** Work that one process does at a time: a file that is there while somebody does it, because nothing else is on every system. */
import { open, stat, unlink } from 'node:fs/promises';

/** What of a clock is needed. */
export interface LockClock {
  now(): number;
  wallClock(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
}

export interface FileLock {
  /** The file that is there meanwhile. Its folder exists. */
  readonly path: string;
  readonly clock: LockClock;
  /** Milliseconds to wait for others. */
  readonly patience: number;
  /** Milliseconds after which whoever made the file did not live to remove it; more than any work takes. */
  readonly longestWork: number;
}

/** Somebody else's work took too long. */
export class FileLocked extends Error {}

/** Milliseconds between two tries. */
const PAUSE = 50;

/** Rejects with `FileLocked`, with the signal's reason, and with what `work` rejects with. */
export async function withFileLock<Result>(
  lock: FileLock,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const { path, clock } = lock;
  const until = clock.now() + lock.patience;
  while (!(await take(lock))) {
    signal.throwIfAborted();
    if (clock.now() > until) throw new FileLocked(`${path} is there for longer than any work takes.`);
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, PAUSE));
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(ignoreAbsence);
  }
}

/** True when it is ours now. */
async function take({ path, clock, longestWork }: FileLock): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    const found = await stat(path).catch(ignoreAbsence);
    if (found !== undefined && clock.wallClock() - found.mtimeMs > longestWork) {
      await unlink(path).catch(ignoreAbsence);
    }
    return false;
  }
}

function ignoreAbsence(error: unknown): undefined {
  if (isCode(error, 'ENOENT')) return undefined;
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
