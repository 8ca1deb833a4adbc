/** The log: one line a record to a sink that is never stdout, bounded, with keys masked, and a short memory for `doctor`. */
import type { Clock, Log, LogFields, LogLevel } from '../domain/ports.ts';

/** The least talkative first. */
export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];
/** Records kept in memory. */
const REMEMBERED = 200;
/** UTF-16 code units of one line; what is longer is cut. */
const LONGEST_LINE = 4_096;
/** Shapes no log line has a use for; bounded quantifiers, because lines come from outside. */
const KEY_SHAPES = /\b(?:sk-|xai-|AIza|gh[pousr]_|Bearer\s)[\w.-]{8,256}/g;

export interface LogRecord {
  readonly level: LogLevel;
  readonly line: string;
}

export interface LogSink {
  write(record: LogRecord): void;
}

export interface AppLog extends Log {
  setLevel(level: LogLevel): void;
  addSink(sink: LogSink): void;
  /** Also writes to this sink, instead of the one named before. */
  setFile(sink: LogSink | undefined): void;
  recent(): readonly LogRecord[];
}

export function createLog(clock: Pick<Clock, 'wallClock'>, level: LogLevel = 'info'): AppLog {
  const sinks: LogSink[] = [];
  const memory: LogRecord[] = [];
  let file: LogSink | undefined;
  let threshold = logLevels.indexOf(level);

  function write(recordLevel: LogLevel, message: string, fields: LogFields = {}): void {
    if (logLevels.indexOf(recordLevel) > threshold) return;
    const record = { level: recordLevel, line: format(clock.wallClock(), recordLevel, message, fields) };
    memory.push(record);
    if (memory.length > REMEMBERED) memory.shift();
    for (const sink of sinks) sink.write(record);
    file?.write(record);
  }

  return {
    error: (message, fields) => write('error', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    info: (message, fields) => write('info', message, fields),
    debug: (message, fields) => write('debug', message, fields),
    setLevel(next) {
      threshold = logLevels.indexOf(next);
    },
    addSink: (sink) => void sinks.push(sink),
    setFile(sink) {
      file = sink;
    },
    recent: () => memory,
  };
}

/** Passes on what is at least as serious as `level`. */
export function upTo(level: LogLevel, sink: LogSink): LogSink {
  return {
    write(record) {
      if (logLevels.indexOf(record.level) <= logLevels.indexOf(level)) sink.write(record);
    },
  };
}

/** `undefined` for a name that is no level. */
export function logLevelOf(name: string): LogLevel | undefined {
  return logLevels.find((level) => level === name);
}

function format(time: number, level: LogLevel, message: string, fields: LogFields): string {
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value) ?? 'undefined'}`);
  const line = `${new Date(time).toISOString()} ${level.padEnd(5)} ${message}${rest.join('')}`;
  return line
    .slice(0, LONGEST_LINE)
    .replace(KEY_SHAPES, '[secret]')
    .replace(/[\r\n]+/g, ' ');
}
