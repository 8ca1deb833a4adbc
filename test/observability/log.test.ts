import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileSink } from '../../src/observability/file-sink.ts';
import { createLog, type LogRecord } from '../../src/observability/log.ts';
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

test('a file is readable by its owner alone', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'inkling-log-')), 'inkling.log');
  createFileSink(path).write({ level: 'info', line: 'one' });
  expect(readFileSync(path, 'utf8')).toBe('one\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
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
