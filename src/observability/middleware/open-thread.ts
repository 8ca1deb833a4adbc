/** The thread of a user's observer as the program holds it. Apart so that only this file believes nothing the thread says. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { logLevelOf } from '../log.ts';
import type { ObserverEvent, ThreadMessage, ThreadPlan } from './observer-messages.ts';

/** Megabytes its heap may grow to. What is more ends the thread and nothing else. */
const LARGEST_HEAP = 256;

export interface ObserverThread {
  /** Copies the event. */
  send(event: ObserverEvent): void;
  /** From now on the thread keeps the process alive. */
  hold(): void;
  end(): void;
}

export interface ThreadListener {
  heard(message: ThreadMessage): void;
  /** Maybe more than once. */
  ended(): void;
}

/** `file` is the bundled `observer-thread`; the plan's `url` may be an absolute path. */
export function openThread(file: string, { url, options }: ThreadPlan, listener: ThreadListener): ObserverThread {
  const workerData: ThreadPlan = { url: isAbsolute(url) ? pathToFileURL(url).href : url, options };
  // Not imported: every start would load it, and most have no module to run.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const worker = new Worker(file, {
    workerData,
    // What is loaded before the program is not meant for a module of it.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: LARGEST_HEAP },
  });
  worker.unref();
  worker.on('message', (said: unknown) => {
    const message = readMessage(said);
    if (message !== undefined) listener.heard(message);
  });
  worker.on('error', () => listener.ended());
  worker.on('exit', () => listener.ended());
  return {
    send: (event) => worker.postMessage(event),
    hold: () => worker.ref(),
    end() {
      worker.terminate().catch(() => undefined);
    },
  };
}

/** The module runs in the same thread and can say whatever it likes: what is no message of ours is `undefined`. */
function readMessage(said: unknown): ThreadMessage | undefined {
  if (typeof said !== 'object' || said === null) return undefined;
  const member = (name: string): unknown => Reflect.get(said, name);
  const text = (name: string) => {
    const value = member(name);
    return typeof value === 'string' ? value : '';
  };
  const kind = member('kind');
  switch (kind) {
    case 'loaded':
      return { kind };
    case 'unusable':
      return { kind, reason: text('reason') };
    case 'done':
      return { kind, ...(member('failure') !== undefined && { failure: text('failure') }) };
    case 'stray':
      return { kind, failure: text('failure') };
    case 'log': {
      const fields = member('fields');
      return {
        kind,
        level: logLevelOf(text('level')) ?? 'info',
        message: text('message'),
        ...(typeof fields === 'object' && fields !== null && { fields: { ...fields } }),
      };
    }
    default:
      return undefined;
  }
}
