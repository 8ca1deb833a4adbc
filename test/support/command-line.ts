/** The built program as a shell runs it: arguments and standard input in, output and exit code back. Settings are the test's own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const builtProgram = fileURLToPath(new URL('../../dist/inkling.cjs', import.meta.url));

export interface RunOptions {
  /** Written to the program's standard input, which then ends. */
  readonly input?: string;
  /** The user's settings file; none where it is left out. Text is written as it is. */
  readonly settings?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** Another program than the one built from this tree. */
  readonly program?: string;
}

export interface Run {
  readonly child: ChildProcessWithoutNullStreams;
  /** The folder in which the user's settings are. */
  readonly home: string;
  readonly finished: Promise<Finished>;
}

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A folder that is gone after the test. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export function startCommand(argv: readonly string[], options: RunOptions = {}): Run {
  const { settings } = options;
  const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
  const home = temporaryFolder(settings === undefined ? {} : { 'inkling/config.json': text });
  const child = spawn(process.execPath, [options.program ?? builtProgram, ...argv], {
    cwd: options.workingDirectory ?? home,
    // Nothing of the developer's own: no key, no proxy, no profile, no colours.
    env: { PATH: process.env['PATH'] ?? '', HOME: home, XDG_CONFIG_HOME: home, ...options.environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
  return { child, home, finished };
}

export function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startCommand(argv, options).finished;
}
