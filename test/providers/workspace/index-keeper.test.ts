import { expect, test } from 'vitest';
import type { Log, ProgressReporter } from '../../../src/domain/ports.ts';
import type { BuildIndex } from '../../../src/providers/workspace/index-build.ts';
import { createIndexKeeper, QUIET_AFTER_SAVE, REST_FACTOR } from '../../../src/providers/workspace/index-keeper.ts';
import { createIndexBuilder, type StaticIndex } from '../../../src/providers/workspace/static-index.ts';
import { createVirtualClock } from './virtual-clock.ts';

interface Build {
  readonly signal: AbortSignal;
  finish(): void;
  fail(error: Error): void;
}

function setUp(roots: readonly string[] = ['/w']) {
  const clock = createVirtualClock();
  const events: string[] = [];
  const builds: Build[] = [];
  const note = (message: string) => void events.push(message);
  const log: Log = { error: note, warn: note, info: () => undefined, debug: () => undefined };
  const progress: ProgressReporter = {
    begin: (title) => {
      note(`begin ${title}`);
      return {
        report: (message, percentage) => note(`${message} ${percentage}%`),
        end: (message) => note(`end ${message}`),
      };
    },
  };
  const build: BuildIndex = (_, report, signal) =>
    new Promise((resolve, reject) => {
      builds.push({
        signal,
        finish: () => {
          report({ files: 1, totalFiles: 2, sourceUnits: 10 });
          resolve(createIndexBuilder().finish());
        },
        fail: reject,
      });
    });
  const indexes: (StaticIndex | undefined)[] = [];
  const keeper = createIndexKeeper({
    clock,
    log,
    progress,
    build,
    crawl: () => ({ roots }),
    onIndex: (index) => void indexes.push(index),
  });
  return { clock, events, builds, indexes, keeper };
}

test('shows the progress of a build and hands its index over', async () => {
  const { events, builds, indexes, keeper } = setUp();
  const done = keeper.rebuild();
  builds[0]?.finish();
  await done;
  expect(events).toEqual(['begin Indexing the workspace', '1 of 2 files 45%', 'end 0 files']);
  expect(indexes).toHaveLength(1);
});

test('reports a failure, keeps what it has, and is healthy again after the next build', async () => {
  const { events, builds, indexes, keeper } = setUp();
  const failed = keeper.rebuild();
  builds[0]?.fail(new Error('out of memory'));
  await failed;
  expect(keeper.failure).toBe('The workspace could not be indexed: out of memory');
  expect(events).toContain(keeper.failure);
  expect(indexes).toEqual([]);
  const again = keeper.rebuild();
  builds[1]?.finish();
  await again;
  expect(keeper.failure).toBe(undefined);
});

test('gives up a build when a newer one begins, without a word', async () => {
  const { events, builds, indexes, keeper } = setUp();
  const first = keeper.rebuild();
  const second = keeper.rebuild();
  expect(builds[0]?.signal.aborted).toBe(true);
  builds[0]?.fail(new Error('aborted'));
  builds[1]?.finish();
  await Promise.all([first, second]);
  expect(indexes).toHaveLength(1);
  expect(events.filter((event) => event.includes('could not'))).toEqual([]);
});

test('builds once after several saves, unseen', async () => {
  const { clock, events, builds, keeper } = setUp();
  keeper.noteSave();
  clock.advance(QUIET_AFTER_SAVE - 1);
  keeper.noteSave();
  clock.advance(QUIET_AFTER_SAVE - 1);
  expect(builds).toHaveLength(0);
  clock.advance(1);
  expect(builds).toHaveLength(1);
  expect(events).toEqual([]);
});

test('rests after a long build', async () => {
  const { clock, builds, keeper } = setUp();
  const done = keeper.rebuild();
  clock.advance(1000);
  builds[0]?.finish();
  await done;
  keeper.noteSave();
  clock.advance(1000 * REST_FACTOR - 1);
  expect(builds).toHaveLength(1);
  clock.advance(1);
  expect(builds).toHaveLength(2);
});

test('a save during a build is followed by another build after it', async () => {
  const { clock, builds, keeper } = setUp();
  const done = keeper.rebuild();
  keeper.noteSave();
  clock.advance(QUIET_AFTER_SAVE);
  expect(builds).toHaveLength(1);
  builds[0]?.finish();
  await done;
  clock.advance(QUIET_AFTER_SAVE * REST_FACTOR);
  expect(builds).toHaveLength(2);
});

test('forgets the index when no folder is left', async () => {
  const { builds, indexes, keeper } = setUp([]);
  await keeper.rebuild();
  expect(builds).toHaveLength(0);
  expect(indexes).toEqual([undefined]);
});

test('ends its build and starts no other once disposed', async () => {
  const { clock, builds, keeper } = setUp();
  const done = keeper.rebuild();
  keeper.dispose();
  expect(builds[0]?.signal.aborted).toBe(true);
  builds[0]?.fail(new Error('aborted'));
  await done;
  keeper.noteSave();
  clock.advance(1e9);
  await keeper.rebuild();
  expect(builds).toHaveLength(1);
});
