/** What the transport's tests share: frames as bytes, a clock that is turned by hand, and a log that remembers. */
import type { Clock, Log, TimerHandle } from '../../../src/domain/ports.ts';

export function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

export interface ManualClock extends Clock {
  /** Moves time on, running what falls due, in order. */
  advance(milliseconds: number): void;
  readonly timers: number;
}

export function createManualClock(): ManualClock {
  let now = 0;
  let sequence = 0;
  const due = new Map<TimerHandle, { at: number; sequence: number; callback: () => void }>();

  function next(limit: number): [TimerHandle, { at: number; callback: () => void }] | undefined {
    const sorted = [...due].sort(([, a], [, b]) => a.at - b.at || a.sequence - b.sequence);
    return sorted.find(([, timer]) => timer.at <= limit);
  }

  return {
    now: () => now,
    wallClock: () => now,
    setTimeout(callback, milliseconds) {
      const handle = {} as TimerHandle;
      due.set(handle, { at: now + milliseconds, sequence: sequence++, callback });
      return handle;
    },
    clearTimeout: (handle) => {
      if (handle !== undefined) due.delete(handle);
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (let timer = next(end); timer !== undefined; timer = next(end)) {
        now = timer[1].at;
        due.delete(timer[0]);
        timer[1].callback();
      }
      now = end;
    },
    get timers() {
      return due.size;
    },
  };
}

export interface MemoryLog extends Log {
  readonly lines: string[];
}

export function createMemoryLog(): MemoryLog {
  const lines: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { lines, error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') };
}
