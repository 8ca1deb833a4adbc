/** The folder of keys: nobody else gets at it, nobody sees half a file, and one process changes it at a time. */
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/credentials/key-store.ts';
import { createPrivateFolder } from '../../src/credentials/private-folder.ts';
import { systemClock } from '../../src/util/system-clock.ts';
import { temporaryFolder } from '../support/command-line.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

/** Time stands still while the disk is asked. */
async function nextTimer(clock: VirtualClock): Promise<void> {
  if (clock.pending > 0) await clock.advance(50);
  else await new Promise((resolve) => setImmediate(resolve));
}

function folderIn(place = temporaryFolder()) {
  const path = join(place, 'a', 'keys');
  return { path, folder: createPrivateFolder({ path, clock: systemClock, platform: process.platform }) };
}

test('what is written is read, and there is nothing where nothing was written', async () => {
  const { folder } = folderIn();
  expect(await folder.read('one', never)).toBeUndefined();
  await folder.write('one', 'first', never);
  await folder.write('one', 'second', never);
  expect(await folder.read('one', never)).toBe('second');
  expect(await folder.read('two', never)).toBeUndefined();
});

describe.skipIf(process.platform === 'win32')('on a system with permissions', () => {
  test('folder and files are their user’s alone, whatever the mask of the process', async () => {
    const { path, folder } = folderIn();
    const mask = process.umask(0);
    try {
      await folder.write('one', 'x', never);
    } finally {
      process.umask(mask);
    }
    expect([statSync(path).mode & 0o777, statSync(join(path, 'one')).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(readdirSync(path)).toEqual(['one']);
  });

  test.each([0o640, 0o604, 0o660, 0o602])('a file of mode %o is refused with what to do', async (mode) => {
    const { path, folder } = folderIn();
    await folder.write('one', 'x', never);
    chmodSync(join(path, 'one'), mode);
    const failure = await folder.read('one', never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(String(failure)).toContain(`Run: chmod 600 "${join(path, 'one')}"`);
  });

  test('so is a folder others can enter, also for writing', async () => {
    const { path, folder } = folderIn();
    mkdirSync(path, { recursive: true, mode: 0o755 });
    chmodSync(path, 0o755);
    await expect(folder.write('one', 'x', never)).rejects.toThrow(`Run: chmod 700 "${path}"`);
    expect(readdirSync(path)).toEqual([]);
  });

  test('a link leads nowhere', async () => {
    const { path, folder } = folderIn();
    await folder.write('one', 'x', never);
    const elsewhere = temporaryFolder({ 'file.json': 'other' });
    chmodSync(join(elsewhere, 'file.json'), 0o600);
    symlinkSync(join(elsewhere, 'file.json'), join(path, 'two'));
    await expect(folder.read('two', never)).rejects.toThrow('is a link');
  });

  test('a disk that cannot be written is told in the words of the system', async () => {
    const place = temporaryFolder({ a: 'a file where a folder should be' });
    const failure = await folderIn(place)
      .folder.write('one', 'x', never)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(String(failure)).toMatch(/ENOTDIR|EEXIST/);
  });
});

test('only one works at a time, and a failure lets the next one in', async () => {
  const { folder } = folderIn();
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await folder.write('one', 'x', never);
    inside -= 1;
  };
  await Promise.all([folder.alone(never, work), folder.alone(never, work), folder.alone(never, work)]);
  expect(most).toBe(1);
  await expect(folder.alone(never, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await folder.alone(never, async () => 'next')).toBe('next');
});

test('a lock that stays is waited for and told; one that was left behind is not', async () => {
  const clock = createVirtualClock();
  const path = join(temporaryFolder(), 'keys');
  mkdirSync(path, { mode: 0o700 });
  const lock = join(path, 'lock');
  writeFileSync(lock, '');
  const seconds = clock.wallClock() / 1_000;
  utimesSync(lock, seconds, seconds);
  const folder = createPrivateFolder({ path, clock, platform: process.platform });
  const outcome = folder.alone(never, async () => 'in').catch((error: unknown) => error);
  let settled: unknown;
  void outcome.then((value) => {
    settled = value;
  });
  while (settled === undefined) await nextTimer(clock);
  expect(String(settled)).toContain(`Another program is changing the stored keys. If none is, delete ${lock}.`);
  utimesSync(lock, seconds - 61, seconds - 61);
  let entered: unknown;
  void folder
    .alone(never, async () => 'in')
    .then((value) => {
      entered = value;
    });
  while (entered === undefined) await nextTimer(clock);
  expect(entered).toBe('in');
  expect(readdirSync(path)).toEqual([]);
});

test('work that waits for its user keeps others out for as long as it takes', async () => {
  const clock = createVirtualClock();
  const path = join(temporaryFolder(), 'keys');
  const lock = join(path, 'lock');
  const folder = createPrivateFolder({ path, clock, platform: process.platform });
  let finish: ((answer: string) => void) | undefined;
  const work = folder.alone(never, () => new Promise<string>((resolve) => (finish = resolve)));
  while (finish === undefined) await new Promise((resolve) => setImmediate(resolve));
  for (let minute = 0; minute < 8; minute += 1) {
    await clock.advance(15_000);
    while (statSync(lock).mtimeMs !== clock.wallClock()) await new Promise((resolve) => setImmediate(resolve));
  }
  const outcome = folder.alone(never, async () => 'in').catch((error: unknown) => error);
  let settled: unknown;
  void outcome.then((value) => {
    settled = value;
  });
  while (settled === undefined) await nextTimer(clock);
  expect(String(settled)).toContain('Another program is changing the stored keys.');
  finish('done');
  expect(await work).toBe('done');
  expect([clock.pending, readdirSync(path)]).toEqual([0, []]);
});
