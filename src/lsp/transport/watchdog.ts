/** Ends the server when the editor's process is gone, for editors that die without closing the pipes. */
import type { Clock, Log, TimerHandle } from '../../domain/ports.ts';

/** Milliseconds between two looks. */
const INTERVAL = 1000;

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Called once. */
  readonly onParentGone: () => void;
  /** Sends signal 0, which only asks; throws as `process.kill` does. */
  readonly kill?: (processId: number, signal: 0) => unknown;
}

export interface Watchdog {
  /** Watches this process from now on, instead of any other. Whatever is no living process changes nothing. */
  watch(processId: number | null | undefined): void;
  dispose(): void;
}

export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { clock, log, onParentGone, kill = process.kill.bind(process) } = options;
  let timer: TimerHandle | undefined;

  function stop(): void {
    clock.clearTimeout(timer);
    timer = undefined;
  }

  function lookAgain(processId: number): void {
    timer = clock.setTimeout(() => {
      if (isAlive(processId, kill)) lookAgain(processId);
      else end(processId);
    }, INTERVAL);
  }

  function end(processId: number): void {
    log.warn('the process of the editor is gone', { processId });
    onParentGone();
  }

  return {
    watch(processId) {
      if (typeof processId !== 'number' || !Number.isSafeInteger(processId) || processId <= 0) return;
      if (isAlive(processId, kill)) {
        stop();
        lookAgain(processId);
      } else {
        // Absent from the start means another PID namespace (a container, a remote editor), not a dead editor.
        log.info('the process that the editor named cannot be seen from here, so it is not watched', { processId });
      }
    },
    dispose: stop,
  };
}

/** EPERM, or any answer but "no such process", comes from a process that exists. */
function isAlive(processId: number, kill: NonNullable<WatchdogOptions['kill']>): boolean {
  try {
    kill(processId, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
