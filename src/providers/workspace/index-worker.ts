/** Entry of the thread that reads and sorts the workspace, so that no request ever waits for it. */
import { constants, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { CrawlOptions } from './crawler.ts';
import { type BuildProgress, buildSteps } from './index-build.ts';
import { type StaticIndex, transferablesOf } from './static-index.ts';

/** What the thread tells: its progress, then the index, whose buffers it gives away. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: BuildProgress }
  | { readonly kind: 'done'; readonly index: StaticIndex };

function run(port: NonNullable<typeof parentPort>): void {
  standBack();
  const steps = buildSteps(workerData as CrawlOptions);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) {
      const message: WorkerMessage = { kind: 'done', index: step.value };
      port.postMessage(message, transferablesOf(step.value));
      return;
    }
    const message: WorkerMessage = { kind: 'progress', progress: step.value };
    port.postMessage(message);
  }
}

/**
 * Lets whoever types go first where all processors are busy. On Linux a priority is the calling thread's own; elsewhere it
 * is the whole process's, which must keep its own.
 */
function standBack(): void {
  if (platform() !== 'linux') return;
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where that is forbidden the work is done all the same.
  }
}

if (parentPort !== null) run(parentPort);
