/** The ports: what every layer may ask of the outside world, so that a test can stand in for it. */

export type TimerHandle = { readonly [timer]: true } | NodeJS.Timeout;
declare const timer: unique symbol;

/** Time in milliseconds. `now` is monotonic and starts anywhere; `wallClock` is Unix time. */
export interface Clock {
  now(): number;
  wallClock(): number;
  /** The timer never keeps the process alive. */
  setTimeout(callback: () => void, milliseconds: number): TimerHandle;
  clearTimeout(handle: TimerHandle | undefined): void;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Fields are plain data: never a key, never document text. The sink redacts and bounds them all the same. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

/** Where named secrets come from: the environment today. Absence is `undefined`, never an empty string. */
export interface SecretSource {
  environment(name: string): string | undefined;
}

/** Long background work, shown by the editor as work-done progress. */
export interface ProgressReporter {
  /** `title` names the work ("Indexing the workspace"). With `onCancel` the user may stop it. */
  begin(title: string, onCancel?: () => void): ProgressHandle;
}

export interface ProgressHandle {
  /** `percentage` is 0 to 100. */
  report(message: string, percentage?: number): void;
  end(message?: string): void;
}
