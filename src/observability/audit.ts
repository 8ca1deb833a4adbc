/** What changed and by whom: one line for each change of a setting and each change of a stored key. Nobody waits for it. */
import type { Clock, Log } from '../domain/ports.ts';

export interface AuditSettings {
  readonly enabled: boolean;
  /** `null` for the usual place. */
  readonly file: string | null;
}

/** What is written down; every value in it is printable already. */
export type AuditEvent =
  | {
      readonly event: 'setting';
      readonly layer: string;
      readonly path: string;
      /** Absent where there was none. */
      readonly before?: unknown;
      readonly after?: unknown;
    }
  | {
      readonly event: 'key';
      readonly action: 'set' | 'rotated' | 'finished' | 'removed' | 'switched';
      /** The name of the key; where it changed in use, the id of the provider. */
      readonly name: string;
      /** The first eight hexadecimal digits of the SHA-256 of the key that counts now, or that was removed. */
      readonly fingerprint: string;
    };

export interface Audit {
  /** What was recorded before goes where it was to go. */
  configure(settings: AuditSettings): void;
  /** Never throws, never waits. */
  record(event: AuditEvent): void;
  /** Resolves when what was recorded is written or given up. */
  flush(): Promise<void>;
}

export interface AuditOptions {
  /** The usual place. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: AuditSettings;
}

/** Milliseconds in which changes are gathered: they come in groups, and a start has better things to do. */
const GATHERING = 200;
/** Lines that wait; what is more is counted and not written. */
const MOST_WAITING = 2_000;
/** UTF-16 code units of one value as JSON; what is longer is cut. */
const LONGEST_VALUE = 2_000;
const never = new AbortController().signal;

export function createAudit({ file: usualFile, clock, log, ...options }: AuditOptions): Audit {
  let settings = options.settings;
  let waiting: object[] = [];
  let dropped = 0;
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isBroken = false;

  function send(): void {
    clock.clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const lines = dropped === 0 ? waiting : [...waiting, { event: 'dropped', lines: dropped }];
    const file = settings.file ?? usualFile;
    [waiting, dropped] = [[], 0];
    writing = writing.then(() => write(file, lines));
  }

  async function write(file: string, lines: readonly object[]): Promise<void> {
    try {
      // Loaded when there is something to write.
      const { appendAuditLines } = await import('./audit-file.ts');
      await appendAuditLines(file, lines, clock, never);
      isBroken = false;
    } catch (error) {
      if (!isBroken) log.warn('Changes cannot be written down ("audit.file").', { file, error: String(error) });
      isBroken = true;
    }
  }

  return {
    configure(now) {
      if (now.enabled === settings.enabled && now.file === settings.file) return;
      send();
      settings = now;
    },
    record(event) {
      if (!settings.enabled) return;
      if (waiting.length >= MOST_WAITING) {
        dropped += 1;
        return;
      }
      waiting.push({ time: new Date(clock.wallClock()).toISOString(), process: process.pid, ...bounded(event) });
      timer ??= clock.setTimeout(send, GATHERING);
    },
    flush() {
      send();
      return writing;
    },
  };
}

function bounded(event: AuditEvent): AuditEvent {
  if (event.event === 'key') return event;
  return { ...event, ...cutValue('before', event.before), ...cutValue('after', event.after) };
}

function cutValue(name: 'before' | 'after', value: unknown): object {
  const text = JSON.stringify(value);
  return text !== undefined && text.length > LONGEST_VALUE ? { [name]: `${text.slice(0, LONGEST_VALUE)}…` } : {};
}
