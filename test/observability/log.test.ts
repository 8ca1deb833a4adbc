import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileSink } from '../../src/observability/file-sink.ts';
import { createLog, type LogRecord } from '../../src/observability/log.ts';
import { temporaryFolder } from '../support/command-line.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

function create() {
  const log = createLog(createVirtualClock());
  const records: LogRecord[] = [];
  log.addSink({ write: (record) => void records.push(record) });
  return { log, records };
}

test('one line a record, with its fields, from its level on', () => {
  const { log, records } = create();
  log.info('Ready.', { files: 3 });
  log.debug('not shown');
  log.setLevel('debug');
  log.debug('two\nlines');
  expect(records.map(({ line }) => line)).toEqual([
    '2025-06-15T15:06:40.000Z info  Ready. files=3',
    '2025-06-15T15:06:40.000Z debug two lines',
  ]);
});

test('keys never reach a sink, and a line is bounded', () => {
  const { log, records } = create();
  log.error('Refused.', { body: `{"key":"sk-proj-abcdefgh12345678"} Bearer abcdefgh12345678 ${'x'.repeat(10_000)}` });
  expect(records[0]?.line).not.toMatch(/abcdefgh/);
  expect(records[0]?.line.length).toBeLessThanOrEqual(4_096);
});

test('only the last records are remembered', () => {
  const { log } = create();
  for (let count = 0; count < 500; count += 1) log.info(`record ${count}`);
  expect(log.recent()).toHaveLength(200);
  expect(log.recent().at(-1)?.line).toContain('record 499');
});

test.each([
  ['new', undefined, 0o600],
  ['that everybody could read', 0o644, 0o600],
  ['that a group could write', 0o660, 0o600],
  ['that its owner may not even read', 0o200, 0o200],
])("a file %s is its owner's alone", (_, before, after) => {
  const path = join(temporaryFolder(), 'inkling.log');
  if (before !== undefined) {
    writeFileSync(path, 'before\n');
    chmodSync(path, before);
  }
  const sink = createFileSink(path);
  sink.write({ level: 'info', line: 'one' });
  sink.write({ level: 'info', line: 'two' });
  expect(statSync(path).mode & 0o777).toBe(after);
  expect(readFileSync(path, 'utf8')).toMatch(/one\ntwo\n$/);
});

test('what is no file is left as it is', () => {
  const { mode } = statSync('/dev/null');
  createFileSink('/dev/null').write({ level: 'info', line: 'one' });
  expect(statSync('/dev/null').mode).toBe(mode);
});

test.each(['/proc/inkling/none.log', '/etc/hostname/none.log', 'no\0path', '/'])(
  'a file that cannot be written stops nothing, and is reported once: %j',
  (path) => {
    const failures: unknown[] = [];
    const sink = createFileSink(path, (error) => failures.push(error));
    sink.write({ level: 'info', line: 'lost' });
    sink.write({ level: 'info', line: 'lost' });
    expect(failures).toHaveLength(1);
  },
);
