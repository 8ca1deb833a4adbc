/** The thread of a user's observer, bundled as the build does it, and observers written for a test. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { onTestFinished } from 'vitest';

/** Writes the bundle into the folder and gives its path. */
export async function bundleObserverThread(folder: string): Promise<string> {
  const source = new URL('../../src/observability/middleware/observer-thread.ts', import.meta.url).pathname;
  const bundle = await rolldown({ input: source, platform: 'node', logLevel: 'silent' });
  const file = join(folder, 'observer-thread.cjs');
  await bundle.write({ file, format: 'cjs' });
  return file;
}

export interface WrittenObserver {
  /** The path of the module. */
  readonly module: string;
  /** A file for what it records. */
  readonly file: string;
  /** What it recorded, line by line. */
  records(): unknown[];
}

/** Ends with the test. */
export function writeObserver(source: string): WrittenObserver {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-observer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [module, file] = [join(folder, 'observer.mjs'), join(folder, 'records.jsonl')];
  writeFileSync(module, source);
  writeFileSync(file, '');
  const lines = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return { module, file, records: () => lines().map((line) => JSON.parse(line)) };
}
