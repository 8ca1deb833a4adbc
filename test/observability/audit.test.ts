/** Audit lines: each change once, in a chain that nobody changes unseen, in a bounded file, and nobody waits for them. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Audit, createAudit } from '../../src/observability/audit.ts';
import { appendAuditLines, verifyAuditFile } from '../../src/observability/audit-file.ts';
import { systemClock } from '../../src/util/system-clock.ts';
import { temporaryFolder } from '../support/command-line.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';

const never = new AbortController().signal;

function scene(settings = { enabled: true, file: null as string | null }) {
  const file = join(temporaryFolder(), 'state', 'audit.jsonl');
  const { clock, log, logged } = providerDependencies();
  const audit = createAudit({ file, clock, log, settings });
  const lines = (path = file) =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  return { file, audit, clock, logged, lines };
}

function change(audit: Audit, path: string, after: unknown = true): void {
  audit.record({ event: 'setting', layer: 'user', path, before: false, after });
}

const append = (file: string, ...paths: readonly string[]) =>
  appendAuditLines(
    file,
    paths.map((path) => ({ path })),
    systemClock,
    never,
  );

describe('what is written', () => {
  test('is one line for each change, with its time, and what the line before was', async () => {
    const { audit, lines, file, clock } = scene();
    change(audit, 'completion.enabled');
    audit.record({ event: 'key', action: 'set', name: 'openai', fingerprint: '01234567' });
    await audit.flush();
    const [first, second] = lines();
    expect(first).toEqual({
      time: new Date(clock.wallClock()).toISOString(),
      process: process.pid,
      event: 'setting',
      layer: 'user',
      path: 'completion.enabled',
      before: false,
      after: true,
      previous: '0'.repeat(64),
    });
    expect(second).toMatchObject({ event: 'key', action: 'set', name: 'openai', fingerprint: '01234567' });
    expect(await verifyAuditFile(file)).toEqual({ lines: 2 });
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('waits for others of its group, and is written by itself', async () => {
    const { audit, lines, clock } = scene();
    change(audit, 'one');
    await clock.advance(199);
    change(audit, 'two');
    expect(lines()).toEqual([]);
    await clock.advance(1);
    await audit.flush();
    expect(lines().map(({ path }) => path)).toEqual(['one', 'two']);
    expect(clock.pending).toBe(0);
  });

  test('says that it is switched off, and goes where it was to go', async () => {
    const elsewhere = join(temporaryFolder(), 'own.jsonl');
    const { audit, lines } = scene();
    change(audit, 'audit.file');
    audit.configure({ enabled: true, file: elsewhere });
    change(audit, 'audit.enabled');
    audit.configure({ enabled: false, file: elsewhere });
    change(audit, 'unheard');
    await audit.flush();
    expect([lines(), lines(elsewhere)].map((all) => all.map(({ path }) => path))).toEqual([
      ['audit.file'],
      ['audit.enabled'],
    ]);
  });

  test('is bounded: values are cut, and what is too much is counted', async () => {
    const { audit, lines } = scene();
    change(audit, 'chat.instructions', 'x'.repeat(20_000));
    for (let index = 0; index < 2_100; index += 1) change(audit, `p${index}`);
    await audit.flush();
    const all = lines();
    expect(all[0].after.length).toBeLessThan(2_010);
    expect(all).toHaveLength(2_001);
    expect(all.at(-1)).toMatchObject({ event: 'dropped', lines: 101 });
  });
});

test('a file that cannot be written is said once, and what comes later is tried again', async () => {
  const { audit, lines, logged, file } = scene();
  writeFileSync(join(file, '..', '..', 'state'), 'a file where the folder should be');
  for (const path of ['one', 'two', 'three']) {
    change(audit, path);
    await audit.flush();
  }
  expect(logged.filter((line) => line.includes('cannot be written down'))).toHaveLength(1);
  rmSync(join(file, '..'));
  change(audit, 'four');
  await audit.flush();
  expect(lines().map(({ path }) => path)).toEqual(['four']);
});

describe('the chain', () => {
  test('is one, however many write it', async () => {
    const file = join(temporaryFolder(), 'audit.jsonl');
    const writers = Array.from({ length: 8 }, (_, writer) => writer);
    await Promise.all(
      writers.map(async (writer) => {
        for (let line = 0; line < 5; line += 1) await append(file, `${writer} ${line}`);
      }),
    );
    expect(await verifyAuditFile(file)).toEqual({ lines: 40 });
  });

  test.each<[string, (lines: string[]) => string[], number]>([
    ['a changed line', (lines) => lines.with(1, lines[1]?.replace('"two"', '"2"') ?? ''), 3],
    ['a removed line', (lines) => lines.toSpliced(1, 1), 2],
    ['a removed beginning', (lines) => lines.slice(1), 1],
    ['swapped lines', ([one = '', two = '', ...rest]) => [two, one, ...rest], 1],
    ['an added line', (lines) => lines.toSpliced(2, 0, lines[1] ?? ''), 3],
    ['a line that is none', (lines) => lines.with(3, 'nothing'), 4],
  ])('shows %s', async (_, change, at) => {
    const file = join(temporaryFolder(), 'audit.jsonl');
    await append(file, 'one', 'two', 'three', 'four', 'five');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${change(lines).join('\n')}\n`);
    expect((await verifyAuditFile(file)).broken).toContain(`${file}:${at}: `);
  });

  test('goes on where its end was cut off, and shows it', async () => {
    const file = join(temporaryFolder(), 'audit.jsonl');
    await append(file, 'one');
    appendFileSync(file, '{"path":"half');
    await append(file, 'two');
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
    expect((await verifyAuditFile(file)).broken).toContain(`${file}:2: `);
  });

  test('goes on over two files of bounded length', async () => {
    const file = join(temporaryFolder(), 'audit.jsonl');
    const long = 'x'.repeat(60_000);
    for (let index = 0; index < 220; index += 1) await append(file, `${index} ${long}`);
    expect(statSync(file).size).toBeLessThan(5 * 1024 * 1024);
    expect(statSync(`${file}.1`).size).toBeLessThan(5 * 1024 * 1024);
    const { lines, broken } = await verifyAuditFile(file);
    expect(broken).toBeUndefined();
    expect(lines).toBeLessThan(220);
    writeFileSync(`${file}.1`, readFileSync(`${file}.1`, 'utf8').replace('"path":"1', '"path":"2'));
    expect((await verifyAuditFile(file)).broken).toMatch(/audit\.jsonl(\.1)?:\d+: this line was changed/);
  });

  test('of no file is whole', async () => {
    expect(await verifyAuditFile(join(temporaryFolder(), 'audit.jsonl'))).toEqual({ lines: 0 });
  });
});

test.skipIf(process.platform === 'win32')('a file that others can read is taken from them', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'state'));
  const file = join(folder, 'state', 'audit.jsonl');
  writeFileSync(file, '');
  chmodSync(file, 0o644);
  await append(file, 'one');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
