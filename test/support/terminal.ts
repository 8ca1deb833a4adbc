/**
 * A program in a terminal of its own: keys as a user presses them, and the screen as a user sees it.
 * Apart from the editors because it knows tmux (its control mode) and nothing of what runs inside.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Milliseconds to wait for something to appear; far more than any step takes, and less than a test may. */
const patience = 15_000;

/** How long to wait for new output before looking again, in milliseconds: what is waited for may be no output. */
const lookAgainAfter = 50;

const columns = 100;
const rows = 30;

const configuration = `
set -g default-terminal screen-256color
set -g status off
set -s escape-time 0
`;

export interface TerminalOptions {
  /** The path of tmux. */
  readonly tmux: string;
  /** The program and at least one argument. */
  readonly command: readonly [string, string, ...string[]];
  readonly folder: string;
  /** All that the program and what it starts know. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Terminal {
  /** These characters, one after the other. */
  type(text: string): Promise<void>;
  /** Keys by tmux's names: `Enter`, `Escape`, `Tab`, `BSpace`, `C-n`, `M-x`. */
  press(...keys: readonly string[]): Promise<void>;
  screen(): Promise<string>;
  /** Looks until this is true, which is what it is named; fails with the screen. */
  until(expected: string, isTrue: (screen: string) => boolean | Promise<boolean>): Promise<void>;
  /** Waits until the screen shows this. */
  untilShown(text: string): Promise<void>;
  /** Waits until the program has ended by itself. */
  ended(): Promise<void>;
  /** Ends whatever still runs. */
  close(): Promise<void>;
}

export async function startTerminal({ tmux, command, folder, environment }: TerminalOptions): Promise<Terminal> {
  // Apart from the program's folder: the path of a socket may have about a hundred characters.
  const place = await mkdtemp(join(tmpdir(), 'inkling-tmux-'));
  await writeFile(join(place, 'conf'), configuration);
  const session = ['new-session', '-x', String(columns), '-y', String(rows), '-c', folder, ...command];
  const child = spawn(tmux, ['-u', '-C', '-f', join(place, 'conf'), '-S', join(place, 'socket'), ...session], {
    cwd: folder,
    env: { SHELL: '/bin/sh', LANG: 'C.UTF-8', ...environment },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { run, output, exited } = control(child);

  const screen = () => run('capture-pane -p');
  const until: Terminal['until'] = async (expected, isTrue) => {
    const deadline = performance.now() + patience;
    for (;;) {
      const changed = output();
      const seen = await screen();
      if (await isTrue(seen)) return;
      if (performance.now() > deadline) throw new Error(`still waiting for: ${expected}\n${seen}`);
      await changed;
    }
  };

  return {
    async type(text) {
      await run(`send-keys -l -- ${quoted(text)}`);
    },
    async press(...keys) {
      await run(`send-keys ${keys.map(quoted).join(' ')}`);
    },
    screen,
    until,
    untilShown: (text) => until(text, (seen) => seen.includes(text)),
    async ended() {
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await exited;
      clearTimeout(timer);
      if (child.signalCode !== null) throw new Error('The program has not ended by itself.');
    },
    async close() {
      await run('kill-server').catch(() => undefined);
      await exited;
      await rm(place, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

interface Control {
  /** Runs a command and gives back what it prints. */
  run(command: string): Promise<string>;
  /** Resolves when the program has written something, and after a short while in any case. */
  output(): Promise<void>;
  readonly exited: Promise<void>;
}

interface Waiting {
  readonly resolve: (printed: string) => void;
  readonly reject: (error: Error) => void;
}

/** tmux answers each command, in order, by `%begin … FLAGS`, what it prints, and `%end` or `%error`; 1 says that the command was ours. */
function control(child: ChildProcess): Control {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('tmux was started without pipes.');
  const waiting: Waiting[] = [];
  let printed: string[] | undefined;
  let wake: (() => void)[] = [];

  createInterface({ input: stdout }).on('line', (line) => {
    const [, mark, flags] = /^%(begin|end|error) \d+ \d+ (\d)$/.exec(line) ?? [];
    if (mark === 'begin') {
      printed = [];
    } else if (mark !== undefined) {
      const text = (printed ?? []).join('\n');
      printed = undefined;
      if (flags !== '1') return;
      const command = waiting.shift();
      if (mark === 'end') command?.resolve(text);
      else command?.reject(new Error(`tmux: ${text}`));
    } else if (printed !== undefined) {
      printed.push(line);
    } else if (line.startsWith('%output ')) {
      for (const resume of wake.splice(0)) resume();
    }
  });
  const gone = () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('The terminal is gone.'));
  };
  stdin.on('error', gone);
  child.once('error', gone);
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      gone();
      resolve();
    });
  });

  return {
    exited,
    run(command) {
      return new Promise((resolve, reject) => {
        if (child.exitCode !== null || child.signalCode !== null) return reject(new Error('The terminal is gone.'));
        waiting.push({ resolve, reject });
        stdin.write(`${command}\n`);
      });
    },
    async output() {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake.push(resolve);
        timer = setTimeout(resolve, lookAgainAfter);
      });
      clearTimeout(timer);
      wake = [];
    },
  };
}

/** One word of tmux's command language. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
