/** What a command of the program is and what it is given; apart so that commands know nothing of how they are found. */
import type { UserPlace } from '../config/user-file.ts';
import type { OptionTable, ParsedArguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

export const exitCode = {
  done: 0,
  failed: 1,
  /** Also for settings that cannot be used. */
  wrongUsage: 2,
  /** What a shell reports of a program that Ctrl-C ended. */
  interrupted: 130,
} as const;

/** The process as commands see it. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly input: NodeJS.ReadStream;
  readonly place: UserPlace;
  /** Aborted by Ctrl-C, and when whoever reads the output has gone. */
  readonly signal: AbortSignal;
}

export interface Command {
  /** What stands behind the command's name, for example `FILE:LINE:COL [--json]`. */
  readonly usage: string;
  /** Whole sentences for `--help`. */
  readonly help: string;
  readonly options: OptionTable;
  readonly arguments: { readonly least: number; readonly most: number };
  /** Resolves with the exit code. Throws `UsageError`, `AiError`, or `CommandFailure` for what ends it. */
  run(input: ParsedArguments, surroundings: Surroundings): Promise<number>;
}

/** The command cannot go on; the message says what to do. */
export class CommandFailure extends Error {
  readonly code: number;

  constructor(message: string, code: number = exitCode.failed) {
    super(message);
    this.code = code;
  }
}
