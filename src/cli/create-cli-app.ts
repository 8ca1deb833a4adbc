/** The same application the server runs, for one command: settings from the user file and the flags, warnings on stderr. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type App, createApp } from '../app/app.ts';
import { describeIssue, type SettingsIssue } from '../config/issue.ts';
import { chooseProfile } from '../config/profile.ts';
import { createSettingsStore } from '../config/store.ts';
import { readUserFile, type UserFile } from '../config/user-file.ts';
import { nodeUserFileSystem } from '../config/user-file-system.ts';
import type { Clock, LogLevel, ProgressReporter } from '../domain/ports.ts';
import { createFileSink } from '../observability/file-sink.ts';
import { createLog, logLevelOf, logLevels, upTo } from '../observability/log.ts';
import { followSignal } from '../util/follow-signal.ts';
import { packageRoot } from '../util/package-paths.ts';
import { pause } from '../util/pause.ts';
import { systemClock } from '../util/system-clock.ts';
import { type ParsedArguments, UsageError } from './arguments.ts';
import { CommandFailure, exitCode, type Surroundings } from './command.ts';
import { clean } from './terminal.ts';

export interface CliApp extends App {
  readonly file: UserFile;
  /** What is wrong with the settings file. */
  readonly issues: readonly SettingsIssue[];
  /** Sets the workspace folder. */
  openFolder(path: string): void;
  /**
   * Makes the completion provider ready, and where the offline engine may answer waits until it knows the workspace, or for
   * as long as one is willing to wait for a command.
   */
  prepare(signal: AbortSignal): Promise<void>;
}

/** Milliseconds an index may take before a command goes on with what is known by then. */
const INDEX_PATIENCE = 10_000;
/** The same where the engine only answers if another provider cannot. */
const FALLBACK_PATIENCE = 2_000;

/** Goes on with settings that are wrong, for commands that report them. `quiet` is the level where none is asked for. */
export async function createCliApp(
  input: ParsedArguments,
  surroundings: Surroundings,
  quiet: LogLevel = 'warn',
): Promise<CliApp> {
  const { place, terminal, signal } = surroundings;
  const clock: Clock = systemClock;
  const level = wantedLevel(input) ?? quiet;
  const log = createLog(clock, level);
  // The settings' own level is for the server's log; a command is quiet unless it is asked to talk.
  log.addSink(upTo(level, { write: ({ line }) => terminal.complain(`${clean(line)}\n`) }));
  const logFile = input.text('log-file');
  if (logFile !== undefined) {
    const tellOfLostLog = () => terminal.complain(`${clean(logFile)} cannot be written: nothing is logged there.\n`);
    log.addSink(createFileSink(logFile, tellOfLostLog));
  }
  const indexing = createIndexWatch();
  const app = createApp({
    place,
    clock,
    log,
    settings: createSettingsStore({
      profile: chooseProfile(input.text('profile'), place.environment['INKLING_PROFILE']),
    }),
    progress: indexing.progress,
    workerPath: join(packageRoot(import.meta.url), 'dist', 'index-worker.cjs'),
    observerPath: join(packageRoot(import.meta.url), 'dist', 'observer-thread.cjs'),
  });
  app.projects.onIssue((issue) => terminal.complain(`${clean(`${issue.file}: ${describeIssue(issue)}`)}\n`));
  const file = await readUserFile({ ...place, flag: input.text('config') }, nodeUserFileSystem, signal);
  const { issues } = app.assistant.loadUserFile(file);
  if (input.has('log-level')) app.assistant.configure('session', { log: { level } });
  return {
    ...app,
    file,
    issues,
    openFolder: (path) => app.roots.set([pathToFileURL(path).href]),
    async prepare(until) {
      app.warmUp();
      const { completion, provider, providers } = app.assistant.settings();
      const isOffline = (id: string) => providers[id]?.kind === 'workspace';
      if (app.roots.roots.length === 0) return;
      if (isOffline(completion.provider ?? provider)) return indexing.done(INDEX_PATIENCE, clock, until);
      const behind = completion.fallback.find(isOffline);
      if (behind === undefined) return;
      // A fallback is made when it is needed; here nobody types on while it learns.
      await app.checkHealth(behind, until);
      await indexing.done(FALLBACK_PATIENCE, clock, until);
    },
  };
}

/** For commands that do what the settings say: they do nothing while those are wrong. @throws CommandFailure */
export async function createWorkingApp(input: ParsedArguments, surroundings: Surroundings): Promise<CliApp> {
  const app = await createCliApp(input, surroundings);
  for (const warning of app.file.warnings) surroundings.terminal.complain(`${clean(warning)}\n`);
  if (app.issues.length === 0) return app;
  await app.assistant.dispose();
  const sentences = app.issues.map((issue) => `  ${describeIssue(issue)}`);
  throw new CommandFailure(
    `The settings in ${app.file.path} cannot be used:\n${sentences.join('\n')}\n"inkling config validate" says where.`,
    exitCode.wrongUsage,
  );
}

function wantedLevel(input: ParsedArguments): LogLevel | undefined {
  const name = input.text('log-level');
  if (name === undefined) return undefined;
  const level = logLevelOf(name);
  if (level === undefined) throw new UsageError(`--log-level is one of ${logLevels.join(', ')}, not "${name}".`);
  return level;
}

/** The engine reports its index as background work, as editors show it; the end of that work is what to wait for. */
function createIndexWatch() {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const progress: ProgressReporter = { begin: () => ({ report: () => undefined, end: () => finish() }) };
  return {
    progress,
    async done(patience: number, clock: Clock, signal: AbortSignal): Promise<void> {
      const waiting = followSignal(signal);
      const gaveUp = pause(patience, waiting.signal, clock);
      // Whichever comes first, the other is waited for no more.
      await Promise.race([finished, gaveUp]).finally(() => waiting.abort());
    },
  };
}
