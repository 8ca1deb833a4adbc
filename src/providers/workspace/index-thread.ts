/** Runs a build in a thread of its own, and ends the thread with it, so that its memory is given back. */
import { Worker } from 'node:worker_threads';
import type { BuildIndex } from './index-build.ts';
import type { WorkerMessage } from './index-worker.ts';

/** A builder whose thread runs the bundled `index-worker` at `workerPath`. It does not keep the process alive. */
export function buildIndexInThread(workerPath: string): BuildIndex {
  return (options, report, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const worker = new Worker(workerPath, { workerData: options, stdout: true, stderr: true });
      worker.unref();
      const end = (): void => {
        signal.removeEventListener('abort', abort);
        worker.terminate().catch(() => undefined);
      };
      const abort = (): void => {
        end();
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'progress') report(message.progress);
        else {
          end();
          resolve(message.index);
        }
      });
      worker.once('error', (error) => {
        end();
        reject(error);
      });
      worker.once('exit', (code) => {
        end();
        reject(new Error(`the index thread ended early with code ${code}`));
      });
    });
}
