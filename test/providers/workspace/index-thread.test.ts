import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildProgress } from '../../../src/providers/workspace/index-build.ts';
import { buildIndexInPlace } from '../../../src/providers/workspace/index-build.ts';
import { buildIndexInThread } from '../../../src/providers/workspace/index-thread.ts';

let folder: string;
let workerPath: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkling-thread-'));
  const source = new URL('../../../src/providers/workspace/index-worker.ts', import.meta.url).pathname;
  const bundle = await rolldown({ input: source, platform: 'node', logLevel: 'silent' });
  workerPath = join(folder, 'index-worker.cjs');
  await bundle.write({ file: workerPath, format: 'cjs' });
  mkdirSync(join(folder, 'w'));
  for (let file = 0; file < 60; file++) writeFileSync(join(folder, 'w', `f${file}.ts`), `const a${file} = 'μ👍';\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;

test('builds the same index as in place, with progress', async () => {
  const progress: BuildProgress[] = [];
  const options = { roots: [join(folder, 'w')] };
  const threaded = await buildIndexInThread(workerPath)(options, (step) => void progress.push(step), never);
  expect(threaded).toEqual(await buildIndexInPlace(options, () => undefined, never));
  expect(progress.map(({ files, totalFiles }) => [files, totalFiles])).toEqual([
    [50, 60],
    [60, 60],
  ]);
});

test.runIf(process.platform === 'linux')('lets the rest of the process go first', async () => {
  const path = join(folder, 'asking.cjs');
  writeFileSync(
    path,
    `require('./index-worker.cjs');
     require('node:worker_threads').parentPort.postMessage({ kind: 'asked', own: require('node:os').getPriority(0) });`,
  );
  const before = getPriority(0);
  const worker = new Worker(path, { workerData: { roots: [join(folder, 'w')] } });
  const own = await new Promise((resolve) => {
    worker.on('message', (message: { kind: string; own?: number }) => {
      if (message.kind === 'asked') resolve(message.own);
    });
  });
  await worker.terminate();
  expect(own).toBeGreaterThan(before);
  expect(getPriority(0)).toBe(before);
});

test('reports a thread that cannot start', async () => {
  const build = buildIndexInThread(join(folder, 'missing.cjs'));
  await expect(build({ roots: [folder] }, () => undefined, never)).rejects.toThrow(/missing\.cjs/);
});

test('reports a thread that ends without an index', async () => {
  const path = join(folder, 'mute.cjs');
  writeFileSync(path, 'process.exit(3)');
  const build = buildIndexInThread(path);
  await expect(build({ roots: [folder] }, () => undefined, never)).rejects.toThrow('ended early with code 3');
});

test('stops when it is aborted, before and during the build', async () => {
  const path = join(folder, 'endless.cjs');
  writeFileSync(
    path,
    `require('node:worker_threads').parentPort.postMessage({ kind: 'progress', progress: {} });
     for (;;);`,
  );
  const controller = new AbortController();
  const build = buildIndexInThread(path);
  const started = build({ roots: [folder] }, () => controller.abort(), controller.signal);
  await expect(started).rejects.toThrow(/abort/i);
  await expect(build({ roots: [folder] }, () => undefined, controller.signal)).rejects.toThrow(/abort/i);
});
