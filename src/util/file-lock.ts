/** Work that one process does at a time: a file that is there while somebody does it, because nothing else is on every system. */
import { open, stat, unlink, utimes } from 'node:fs/promises';
import { pause } from './pause.ts';

/** What of a clock is needed. */
export interface LockClock {
  now(): number;
  wallClock(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(handle: unknown): void;
}

export interface FileLock {
  /** The file that is there meanwhile. Its folder exists. */
  readonly path: string;
  readonly clock: LockClock;
  /** Milliseconds to wait for others. */
  readonly patience: number;
  /** Milliseconds without a sign of life after which whoever made the file did not live to remove it. */
  readonly longestSilence: number;
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
    if (clock.now() > until) throw new FileLocked(`${path} did not go away.`);
    await pause(PAUSE, signal, clock);
  }
  const fallSilent = giveSigns(lock);
  try {
    return await work();
  } finally {
    fallSilent();
    await unlink(path).catch(ignoreAbsence);
  }
}

/** Work may wait for its user for minutes: the time of the file says that somebody is at it. The result ends that. */
function giveSigns({ path, clock, longestSilence }: FileLock): () => void {
  let timer: unknown;
  const wait = () => {
    timer = clock.setTimeout(sign, longestSilence / 4);
  };
  const sign = () => {
    wait();
    const now = new Date(clock.wallClock());
    // What cannot be changed any more is not ours any more.
    utimes(path, now, now).catch(() => undefined);
  };
  wait();
  return () => clock.clearTimeout(timer);
}

/** True when it is ours now. */
async function take({ path, clock, longestSilence }: FileLock): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    const found = await stat(path).catch(ignoreAbsence);
    if (found !== undefined && clock.wallClock() - found.mtimeMs > longestSilence) {
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
