/** The command line: finds the command and loads only that. Nothing here ends the process: the exit code is what `run` gives. */
import { homedir } from 'node:os';
import packageJson from '../../package.json' with { type: 'json' };
import { AiError, isCancellation } from '../domain/ai-error.ts';
import { nearestName } from '../util/nearest-name.ts';
import {
  commonOptions,
  describeOptions,
  findCommand,
  type OptionTable,
  parseArguments,
  UsageError,
} from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';
import { clean, createTerminal, wrap } from './terminal.ts';

interface Entry {
  readonly summary: string;
  load(): Promise<Command>;
}

const commands: Readonly<Record<string, Entry>> = {
  demo: {
    summary: 'show ghost text on a real file, with no key and no network',
    load: async () => (await import('./demo.ts')).demo,
  },
  init: {
    summary: 'print the set-up of an editor: init nvim, helix or emacs',
    load: async () => (await import('./init.ts')).init,
  },
  complete: {
    summary: 'print one completion for FILE:LINE:COL',
    load: async () => (await import('./complete.ts')).complete,
  },
  chat: {
    summary: 'ask a model; the answer is printed while it is written',
    load: async () => (await import('./chat.ts')).chat,
  },
  doctor: {
    summary: 'check settings, keys, network and every configured provider',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  bench: {
    summary: 'measure the configured providers: first token, total, tokens/s',
    load: async () => (await import('./bench.ts')).bench,
  },
  stats: {
    summary: 'print the figures of the server that runs in your editor',
    load: async () => (await import('./stats.ts')).stats,
  },
  keys: {
    summary: "store, list, change or remove providers' keys",
    load: async () => (await import('./keys.ts')).keys,
  },
  config: {
    summary: 'show, validate or locate the settings, or print their schema',
    load: async () => (await import('./config.ts')).config,
  },
};

/** Runs a command line without the program's own name. Never rejects. */
export async function run(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  // Once: who presses Ctrl-C again means it.
  process.once('SIGINT', onInterrupt);
  const onOutputGone = () => interrupt.abort();
  process.stdout.on('error', onOutputGone);
  // Threads and timers of the server do not keep a process alive; a command that waits for them has to.
  const alive = setInterval(() => undefined, LONG);
  const surroundings: Surroundings = {
    terminal: createTerminal(process.stdout, process.stderr),
    input: process.stdin,
    place: {
      environment: process.env,
      platform: process.platform,
      home: homedir(),
      workingDirectory: process.cwd(),
    },
    signal: interrupt.signal,
  };
  try {
    return await dispatch(argv, surroundings);
  } finally {
    clearInterval(alive);
    process.off('SIGINT', onInterrupt);
  }
}

const LONG = 1 << 30;

async function dispatch(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings;
  const at = findCommand(argv);
  const name = argv[at];
  const topic = name === 'help' ? argv[at + 1] : undefined;
  if (topic !== undefined) return dispatch([topic, '--help'], surroundings);
  if (name === undefined || name === 'help') return withoutCommand(argv, surroundings);
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    const near = nearestName(name, Object.keys(commands));
    terminal.complain(`There is no command "${clean(name)}".${near === undefined ? '' : ` Did you mean "${near}"?`}\n`);
    terminal.complain(`\n${overview()}`);
    return exitCode.wrongUsage;
  }
  const command = await entry.load();
  return runCommand(name, command, [...argv.slice(0, at), ...argv.slice(at + 1)], surroundings);
}

async function runCommand(
  name: string,
  command: Command,
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { terminal, signal } = surroundings;
  const usage = `Usage: inkling ${name} ${command.usage}`.trimEnd();
  try {
    const input = parseArguments(argv, command.options);
    if (input.has('version')) {
      terminal.print(`${packageJson.version}\n`);
      return exitCode.done;
    }
    if (input.has('help')) {
      terminal.print(
        `${usage}\n\n${wrap(command.help, 79).join('\n')}\n\n${describeOptions({ ...command.options, ...commonOptions })}`,
      );
      return exitCode.done;
    }
    const { least, most } = command.arguments;
    const extra = input.positionals[most];
    if (extra !== undefined) throw new UsageError(`"${clean(extra)}" is one argument too many.`);
    if (input.positionals.length < least) throw new UsageError(`Missing: ${command.usage.split(' ', 1)[0]}.`);
    return await command.run(input, surroundings);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.complain(`${clean(error.message)}\n${usage}\n`);
      return exitCode.wrongUsage;
    }
    if (signal.aborted || isCancellation(error)) return exitCode.interrupted;
    terminal.complain(`${clean(explain(error))}\n`);
    return error instanceof CommandFailure ? error.code : exitCode.failed;
  }
}

/** What was foreseen speaks for itself; anything else is a mistake of ours and shows where it happened. */
function explain(error: unknown): string {
  if (error instanceof AiError || error instanceof CommandFailure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Whoever names one of these starts the server and never comes here; they are what somebody may have meant. */
const serverOptions: OptionTable = {
  stdio: { type: 'boolean', help: '' },
  'node-ipc': { type: 'boolean', help: '' },
};

function withoutCommand(argv: readonly string[], { terminal }: Surroundings): number {
  try {
    const input = parseArguments(argv, serverOptions);
    if (input.has('version')) terminal.print(`${packageJson.version}\n`);
    else if (input.has('help') || input.positionals.length > 0) terminal.print(overview());
    else throw new UsageError('There is no command.');
    return exitCode.done;
  } catch (error) {
    terminal.complain(`${error instanceof UsageError ? clean(error.message) : explain(error)}\n\n${overview()}`);
    return exitCode.wrongUsage;
  }
}

function overview(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  inkling ${name.padEnd(9)}  ${summary}\n`);
  return [
    'Usage: inkling COMMAND [OPTIONS]\n\n',
    '  inkling --stdio    the language server, as editors start it\n',
    '                     (also --socket=PORT, --pipe=NAME, --node-ipc)\n',
    ...lines,
    '\n',
    'Options of every command:\n',
    describeOptions(commonOptions),
  ].join('');
}
