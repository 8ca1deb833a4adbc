/** Builds the index of a workspace, step by step, wherever it is run: in a thread of its own, or in place. */
import { BYTE_BUDGET, type CrawlOptions, listFiles, readSource } from './crawler.ts';
import { createIndexBuilder, type StaticIndex } from './static-index.ts';

/** How far a build has come. */
export interface BuildProgress {
  readonly files: number;
  /** Files found; not all of them need fit the byte budget. */
  readonly totalFiles: number;
  /** UTF-16 units learnt. */
  readonly sourceUnits: number;
}

/** Builds an index; rejects when it fails or the signal aborts. */
export type BuildIndex = (
  options: CrawlOptions,
  report: (progress: BuildProgress) => void,
  signal: AbortSignal,
) => Promise<StaticIndex>;

/** Files between two steps. */
const FILES_PER_STEP = 50;

/** Reads and sorts a workspace, yielding its progress so that the caller can stop between two steps. */
export function* buildSteps(options: CrawlOptions): Generator<BuildProgress, StaticIndex, undefined> {
  const paths = listFiles(options);
  const builder = createIndexBuilder();
  const budget = options.byteBudget ?? BYTE_BUDGET;
  let files = 0;
  for (const path of paths) {
    if (builder.sourceUnits >= budget) break;
    const text = readSource(path);
    if (text !== undefined && builder.sourceUnits + text.length <= budget) builder.add(path, text);
    files++;
    if (files % FILES_PER_STEP === 0) {
      yield { files, totalFiles: paths.length, sourceUnits: builder.sourceUnits };
    }
  }
  yield { files, totalFiles: paths.length, sourceUnits: builder.sourceUnits };
  return builder.finish();
}

/** Builds in the calling thread, which it blocks between two steps: for tests and for one-shot commands. */
export const buildIndexInPlace: BuildIndex = async (options, report, signal) => {
  const steps = buildSteps(options);
  for (;;) {
    signal.throwIfAborted();
    const step = steps.next();
    if (step.done === true) return step.value;
    report(step.value);
    await new Promise((resolve) => setImmediate(resolve));
  }
};
