/** Entry of the thread that reads and sorts the workspace, so that no request ever waits for it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CrawlOptions } from './crawler.ts';
import { type BuildProgress, buildSteps } from './index-build.ts';
import { type StaticIndex, transferablesOf } from './static-index.ts';

/** What the thread tells: its progress, then the index, whose buffers it gives away. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: BuildProgress }
  | { readonly kind: 'done'; readonly index: StaticIndex };

function run(port: NonNullable<typeof parentPort>): void {
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

if (parentPort !== null) run(parentPort);
