/** Asks a program for a key, such as a password manager's. No shell stands between, and nothing it says reaches a log. */
import { homedir } from 'node:os';
import { StoreUnavailable } from './key-store.ts';

export type RunKeyCommand = (command: readonly string[], signal: AbortSignal) => Promise<string>;

/** Bytes. */
const LONGEST_OUTPUT = 16 * 1024;

/**
 * The function it gives resolves with what the program printed, trimmed, and rejects with `StoreUnavailable`, which names
 * the program alone. `patience`: milliseconds a program may take; one that waits for somebody is asked again later.
 */
export function createKeyCommand(patience = 5_000): RunKeyCommand {
  const { execFile } = process.getBuiltinModule('node:child_process');
  return ([program = '', ...words], signal) =>
    new Promise((resolve, reject) => {
      const options = {
        // Not where the editor was started: what lies in a workspace is nobody's password manager.
        cwd: homedir(),
        encoding: 'utf8',
        killSignal: 'SIGKILL',
        maxBuffer: LONGEST_OUTPUT,
        shell: false,
        signal,
        timeout: patience,
        windowsHide: true,
      } as const;
      const child = execFile(program, words, options, (error, output) => {
        if (signal.aborted) return reject(signal.reason);
        const key = output.trim();
        if (error === null && key !== '') return resolve(key);
        reject(
          new StoreUnavailable(`The program "${program}", which "apiKey" names, ${whatWentWrong(error, patience)}.`),
        );
      });
      // Whoever reads from it finds its end, instead of waiting for keys that nobody presses.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end();
    });
}

function whatWentWrong(
  error: (Error & { code?: unknown; killed?: unknown; signal?: unknown }) | null,
  patience: number,
): string {
  if (error === null) return 'printed nothing';
  if (error.code === 'ENOENT') return 'was not found';
  if (error.code === 'EACCES') return 'may not be run';
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed more than any key is long';
  if (error.killed === true) return `did not end within ${patience / 1000} s`;
  return typeof error.code === 'number' ? `ended with exit code ${error.code}` : 'could not be run';
}
