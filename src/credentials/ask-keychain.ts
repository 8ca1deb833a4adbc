/** Asks the system's keychain by a process of its own, which can be left alone or ended whatever the keychain does. */
import { join } from 'node:path';
import { packageRoot } from '../util/package-paths.ts';

export interface KeychainQuestion {
  readonly question: 'read' | 'write' | 'remove';
  readonly account: string;
  /** What is to be written. */
  readonly value?: string;
}

/** `value`: what the keychain holds after the question, `null` where that is nothing. */
export type KeychainAnswer = { readonly value: string | null } | { readonly failure: string };

/** Rejects with what the keychain said. Aborting ends the process, and with it what it asks of its user. */
export type AskKeychain = (question: KeychainQuestion, signal: AbortSignal) => Promise<string | null>;

/** Bytes. */
const LONGEST_ANSWER = 64 * 1024;

export const askKeychain: AskKeychain = (question, signal) => {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const program = join(packageRoot(import.meta.url), 'dist', 'keychain-process.cjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], {
      signal,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    let told = '';
    // Nobody waits for it to end: a command that has given up on its answer is done.
    child.unref();
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(question)}\n`);
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      if (told.length < LONGEST_ANSWER) told += part;
    });
    child.once('error', reject);
    child.once('close', () => {
      const given = parse(told);
      if ('failure' in given) reject(new Error(given.failure));
      else resolve(given.value);
    });
  });
};

function parse(told: string): KeychainAnswer {
  try {
    return JSON.parse(told) as KeychainAnswer;
  } catch {
    return { failure: 'it could not be asked' };
  }
}
