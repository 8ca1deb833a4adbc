/**
 * Keeps the index of the workspace's files current: builds it in the background when it is first needed,
 * when the folders change and some time after saves, one build at a time.
 */
import type { Clock, Log, ProgressReporter, TimerHandle } from '../../domain/ports.ts';
import type { CrawlOptions } from './crawler.ts';
import type { BuildIndex } from './index-build.ts';
import { bytesOf, fileCountOf, type StaticIndex } from './static-index.ts';

/** Milliseconds without a save after which the index is built again. */
export const QUIET_AFTER_SAVE = 3000;
/** A rebuild waits at least this many times as long as the last build took, to leave the machine to its user. */
export const REST_FACTOR = 20;

export interface IndexKeeperOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: ProgressReporter;
  readonly build: BuildIndex;
  /** What to read now. */
  readonly crawl: () => CrawlOptions;
  /** Receives every new index, and undefined when there is no folder any more; awaited before the build counts as done. */
  readonly onIndex: (index: StaticIndex | undefined) => void | Promise<void>;
}

export interface IndexKeeper {
  /** Builds now and shows its progress; a build under way is given up. Settles when done, failed or given up. */
  rebuild(): Promise<void>;
  /** Builds again some time after the last of several saves, unseen. */
  noteSave(): void;
  /** Why the last build failed, or undefined. */
  readonly failure: string | undefined;
  /** Ends the build under way and starts no other. */
  dispose(): void;
}

export function createIndexKeeper({ clock, log, progress, build, crawl, onIndex }: IndexKeeperOptions): IndexKeeper {
  let running: AbortController | undefined;
  let timer: TimerHandle | undefined;
  let failure: string | undefined;
  let lastDuration = 0;
  let isDisposed = false;

  async function run(title: string | undefined): Promise<void> {
    clock.clearTimeout(timer);
    running?.abort();
    if (isDisposed) return;
    const own = new AbortController();
    running = own;
    const options = crawl();
    if (options.roots.length === 0) {
      await onIndex(undefined);
      return;
    }
    const shown = title === undefined ? undefined : progress.begin(title);
    const start = clock.now();
    let outcome: string | undefined;
    try {
      const index = await build(
        options,
        ({ files, totalFiles }) =>
          shown?.report(`${files} of ${totalFiles} files`, Math.round((90 * files) / Math.max(1, totalFiles))),
        own.signal,
      );
      if (own.signal.aborted) return;
      await onIndex(index);
      failure = undefined;
      lastDuration = clock.now() - start;
      outcome = `${fileCountOf(index)} files`;
      log.info('The workspace is indexed.', {
        files: fileCountOf(index),
        sourceUnits: index.sourceUnits,
        bytes: bytesOf(index),
        milliseconds: Math.round(lastDuration),
      });
    } catch (error) {
      if (own.signal.aborted) return;
      failure = `The workspace could not be indexed: ${error instanceof Error ? error.message : String(error)}`;
      outcome = 'failed';
      log.warn(failure);
    } finally {
      if (running === own) running = undefined;
      shown?.end(outcome);
    }
  }

  function noteSave(): void {
    if (isDisposed) return;
    clock.clearTimeout(timer);
    timer = clock.setTimeout(rebuildUnseen, Math.max(QUIET_AFTER_SAVE, lastDuration * REST_FACTOR));
  }

  function rebuildUnseen(): void {
    if (running === undefined) void run(undefined);
    else noteSave();
  }

  return {
    rebuild: () => run('Indexing the workspace'),
    noteSave,
    get failure() {
      return failure;
    },
    dispose() {
      isDisposed = true;
      clock.clearTimeout(timer);
      running?.abort();
    },
  };
}
