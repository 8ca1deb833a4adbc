/**
 * What happens when something was thrown that nobody caught: a rejection is logged and served on, and so is what a user's
 * own module threw; any other exception ends the process.
 */
import type { Clock, Log } from '../../domain/ports.ts';
import { ownerOfRunningCode } from '../../util/foreign-code.ts';
import { describeError } from './describe-error.ts';

/** So many within a minute are a loop, not an accident. */
const TOLERATED = 20;
const WINDOW = 60_000;

export interface CrashPolicyOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly exit: (code: number) => void;
  readonly process?: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

export interface CrashPolicy {
  dispose(): void;
}

export function installCrashPolicy(options: CrashPolicyOptions): CrashPolicy {
  const { clock, log, exit } = options;
  const source: Pick<NodeJS.EventEmitter, 'on' | 'off'> = options.process ?? process;
  const recent: number[] = [];
  let isEnding = false;

  /** Once: a second failure while ending must not begin again. */
  function end(code: number): void {
    if (isEnding) return;
    isEnding = true;
    exit(code);
  }

  /** Logging may be what failed, and a handler that throws is called again with its own exception. */
  function note(message: string, error: unknown): void {
    if (isEnding || isPipeGone(error)) return;
    try {
      log.error(message, { error: describeError(error) });
    } catch {
      end(1);
    }
  }

  function tolerate(message: string, error: unknown): void {
    note(message, error);
    const now = clock.now();
    recent.push(now);
    while (recent.length > 0 && now - (recent[0] ?? now) >= WINDOW) recent.shift();
    if (recent.length >= TOLERATED) end(1);
  }

  function onRejection(reason: unknown): void {
    if (!isCancellation(reason)) tolerate('a promise was rejected and nobody handled it', reason);
  }

  function onException(error: unknown): void {
    const owner = ownerOfRunningCode();
    if (owner !== undefined) {
      tolerate(`the module of ${owner} threw where nobody could catch it`, error);
      return;
    }
    note('an exception was thrown and nobody caught it', error);
    end(1);
  }

  source.on('unhandledRejection', onRejection);
  source.on('uncaughtException', onException);
  return {
    dispose() {
      source.off('unhandledRejection', onRejection);
      source.off('uncaughtException', onException);
    },
  };
}

/** Writing about a pipe that is gone may go to that very pipe, and so on without end. */
function isPipeGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}

function isCancellation(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'AbortError';
}
