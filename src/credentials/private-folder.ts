/** Files that only their user may read: made so, checked each time, replaced whole, and changed by one process at a time. */
import { lstatSync, type Stats } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/ports.ts';
import { FileLocked, withFileLock } from '../util/file-lock.ts';
import { StoreUnavailable } from './key-store.ts';

export interface PrivateFolder {
  readonly path: string;
  /** `undefined` where there is no such file. Rejects with `StoreUnavailable` where others can get at it. */
  read(name: string, signal: AbortSignal): Promise<string | undefined>;
  /** Replaces the file at once: nobody ever sees half of it. */
  write(name: string, text: string, signal: AbortSignal): Promise<void>;
  /** What changes when the file does; `undefined` where there is none. */
  version(name: string): Promise<string | undefined>;
  /** Runs `work` while no other process runs its own here. Rejects with `StoreUnavailable` where another takes too long. */
  alone<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

export interface PrivateFolderOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Windows has no such bits: there the user's folder is what protects. */
  readonly platform: NodeJS.Platform;
}

/** Bytes; thousands of keys fit into it. */
const LARGEST_FILE = 4 * 1024 * 1024;
const LOCK = 'lock';
/** Milliseconds to wait for others, and without a sign of life of theirs. */
const LOCK_PATIENCE = 10_000;
const LONGEST_SILENCE = 60_000;

export function createPrivateFolder({ path, clock, platform }: PrivateFolderOptions): PrivateFolder {
  const place = (name: string) => join(path, name);

  function check(target: string, mode: '700' | '600'): boolean {
    const found = look(target);
    if (found === undefined) return false;
    if (found.isSymbolicLink()) throw new StoreUnavailable(`${target} is a link: put the keys themselves there.`);
    if (platform !== 'win32' && (found.mode & 0o077) !== 0) {
      throw new StoreUnavailable(`Other users can get at ${target}. Run: chmod ${mode} "${target}"`);
    }
    return true;
  }

  async function read(name: string, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    if (!check(path, '700') || !check(place(name), '600')) return undefined;
    if ((await stat(place(name))).size > LARGEST_FILE) throw new StoreUnavailable(`${place(name)} is no file of keys.`);
    return readFile(place(name), { encoding: 'utf8', signal });
  }

  async function make(): Promise<void> {
    if (check(path, '700')) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    // What a mask of the process took away or left.
    await chmod(path, 0o700);
  }

  async function write(name: string, text: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await make();
    const temporary = place(`${name}.${process.pid}.new`);
    // Left by a process of the same number that did not end well.
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, place(name));
  }

  async function alone<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await make();
    const lock = { path: place(LOCK), clock, patience: LOCK_PATIENCE, longestSilence: LONGEST_SILENCE };
    try {
      return await withFileLock(lock, signal, work);
    } catch (error) {
      if (!(error instanceof FileLocked)) throw error;
      throw new StoreUnavailable(`Another program is changing the stored keys. If none is, delete ${lock.path}.`);
    }
  }

  return {
    path,
    read: (name, signal) => explained(() => read(name, signal), signal),
    write: (name, text, signal) => explained(() => write(name, text, signal), signal),
    async version(name) {
      const found = look(place(name));
      return found === undefined ? undefined : `${found.mtimeMs} ${found.size} ${found.ino} ${found.mode}`;
    },
    alone: (signal, work) => explained(() => alone(signal, work), signal),
  };
}

/** At once: most users have stored no key, and to find that out the first suggestion would load and start threads for 2 ms. */
function look(target: string): Stats | undefined {
  try {
    return lstatSync(target);
  } catch (error) {
    return absent(error);
  }
}

/** A disk that is full or may not be written is no mistake of ours: its sentence is for the user. */
async function explained<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && 'syscall' in error)
      throw new StoreUnavailable(`${error.message}.`);
    throw error;
  }
}

function absent(error: unknown): undefined {
  if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined;
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
