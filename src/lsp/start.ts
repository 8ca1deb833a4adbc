/** Starts the server of this process: its log, its channel, its end. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { chooseProfile } from '../config/profile.ts';
import type { LogLevel } from '../domain/ports.ts';
import { createFileSink } from '../observability/file-sink.ts';
import { type AppLog, createLog, logLevelOf, logLevels, upTo } from '../observability/log.ts';
import { systemClock } from '../util/system-clock.ts';
import { serve } from './server.ts';
import { type Channel, openChannel } from './transport/channel.ts';
import { installCrashPolicy } from './transport/crash-policy.ts';

/** `exit` ends the process at once. */
export function start(argv: readonly string[], exit: (code: number) => void): void {
  const clock = systemClock;
  const name = flagValue('--log-level', argv);
  const level = name === undefined ? undefined : logLevelOf(name);
  if (name !== undefined && level === undefined) {
    refuse(`--log-level is one of ${logLevels.join(', ')}, not "${name}".`, exit);
    return;
  }
  const log = openLog(level);
  const logFile = flagValue('--log-file', argv);
  if (logFile !== undefined) {
    const tellOfLostLog = (error: unknown) =>
      log.warn('The file of --log-file cannot be written: nothing is logged there.', { error: String(error) });
    log.addSink(createFileSink(logFile, tellOfLostLog));
  }
  installCrashPolicy({ clock, log, exit });
  const processId = flagValue('--clientProcessId', argv);
  const channel = open(argv, exit);
  if (channel === undefined) return;
  serve({
    channel,
    clock,
    log,
    version: packageJson.version,
    workerPath: join(import.meta.dirname, 'index-worker.cjs'),
    observerPath: join(import.meta.dirname, 'observer-thread.cjs'),
    userFile: {
      flag: flagValue('--config', argv),
      environment: process.env,
      platform: process.platform,
      home: homedir(),
      workingDirectory: process.cwd(),
    },
    clientProcessId: processId === undefined ? undefined : Number(processId),
    profile: chooseProfile(flagValue('--profile', argv), process.env['INKLING_PROFILE']),
    onTermination(listener) {
      // A second one ends the process at once, as it would have without us.
      for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, listener);
    },
    leaving(code) {
      process.exitCode = code;
    },
    exit,
  });
}

/**
 * What follows the flag, after `=` or as the next argument; said twice, the last counts. By hand because Node's parser takes
 * 0.4 ms to load, and because flags of the transport, or whatever an editor adds, are not ours to judge.
 */
function flagValue(flag: string, argv: readonly string[]): string | undefined {
  const index = argv.findLastIndex((argument) => argument === flag || argument.startsWith(`${flag}=`));
  const said = argv[index];
  return said === flag ? argv[index + 1] : said?.slice(flag.length + 1);
}

/**
 * Editors show what is on standard error as errors, so that only what is wrong is written there unless more is asked for.
 * A level of the command line holds whatever the settings say.
 */
function openLog(level: LogLevel | undefined): AppLog {
  const log = createLog(systemClock, level);
  log.addSink(upTo(level ?? 'warn', { write: ({ line }) => void process.stderr.write(`${line}\n`) }));
  return level === undefined ? log : { ...log, setLevel: () => undefined };
}

function open(argv: readonly string[], exit: (code: number) => void): Channel | undefined {
  try {
    return openChannel(argv);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error), exit);
    return undefined;
  }
}

/** A wrong flag is the user's to mend: one sentence, and the exit code for wrong usage. */
function refuse(sentence: string, exit: (code: number) => void): void {
  process.stderr.write(`inkling: ${sentence}\n`);
  exit(2);
}
