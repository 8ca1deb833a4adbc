/**
 * Entry of the thread in which a user's observer runs, so that no call ever waits for it, loops of its own included. It
 * loads the module and calls its hooks one after another.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { LogFields, LogLevel } from '../../domain/ports.ts';
import { placeOf } from '../../util/error-place.ts';
import { observerApiVersion } from './call-observer.ts';
import type { ObserverEvent, ThreadMessage, ThreadPlan } from './observer-messages.ts';

const callHooks = ['callStarted', 'firstPart', 'callEnded'] as const;
type Hook = (...given: readonly unknown[]) => unknown;
type Hooks = Readonly<Partial<Record<ObserverEvent['hook'], Hook>>>;
/** `reason` completes "cannot be used: …". */
type Loaded = { readonly hooks: Hooks } | { readonly reason: string };

/** Log lines a module may write for each hook that is called; further ones are lost. */
const MOST_LINES = 20;
/** UTF-16 code units of one line's message, and of its fields as JSON. */
const LONGEST_MESSAGE = 300;
const LONGEST_FIELDS = 1000;

async function run(port: MessagePort, plan: ThreadPlan): Promise<void> {
  const post = (message: ThreadMessage) => port.postMessage(message);
  const log = createLogTool(post);
  const stray = (error: unknown) =>
    post({ kind: 'stray', failure: `${named(error)} was thrown with nobody to catch it` });
  process.on('uncaughtException', stray);

  const loaded = await load(plan, log.tool);
  if ('reason' in loaded) {
    post({ kind: 'unusable', reason: loaded.reason });
    return;
  }
  post({ kind: 'loaded' });
  const given = createArguments();
  let turn = Promise.resolve();
  port.on('message', (event: ObserverEvent) => {
    turn = turn.then(async () => {
      log.refill();
      post({ kind: 'done', ...(await tell(loaded.hooks, event.hook, given(event))) });
    });
  });
}

async function load({ url, options }: ThreadPlan, log: LogTool): Promise<Loaded> {
  try {
    const exported: unknown = await import(url);
    const make: unknown =
      typeof exported === 'object' && exported !== null ? Reflect.get(exported, 'default') : undefined;
    if (typeof make !== 'function') {
      return {
        reason: 'its default export has to be a function ({ apiVersion, options, log }) that returns its hooks',
      };
    }
    return hooksOf(await Reflect.apply(make, undefined, [{ apiVersion: observerApiVersion, options, log }]));
  } catch (error) {
    const words = error instanceof Error ? error.message.split('\n', 1)[0]?.slice(0, LONGEST_MESSAGE) : 'no error';
    // Nothing of the user's documents was near it yet, so its own words can be shown.
    return { reason: `it cannot be loaded: ${named(error)}: ${words}` };
  }
}

function hooksOf(made: unknown): Loaded {
  if (typeof made !== 'object' || made === null) return { reason: 'it returned no object with hooks' };
  const hooks: Partial<Record<ObserverEvent['hook'], Hook>> = {};
  for (const name of [...callHooks, 'dispose'] as const) {
    const hook: unknown = Reflect.get(made, name);
    if (hook === undefined || hook === null) continue;
    if (typeof hook !== 'function') return { reason: `${name} is no function` };
    hooks[name] = (...given) => Reflect.apply(hook, made, given);
  }
  if (callHooks.every((name) => hooks[name] === undefined)) return { reason: `it has none of ${callHooks.join(', ')}` };
  return { hooks };
}

/** Gives what a hook is called with; a call is the same object each time, so that a module may keep things by it. */
function createArguments(): (event: ObserverEvent) => readonly unknown[] {
  const calls = new Map<number, unknown>();
  return (event) => {
    switch (event.hook) {
      case 'callStarted':
        calls.set(event.call.id, event.call);
        return [event.call];
      case 'firstPart':
        return [calls.get(event.id), { time: event.time }];
      case 'callEnded': {
        const call = calls.get(event.id);
        calls.delete(event.id);
        return [call, event.outcome];
      }
      case 'dispose':
        return [];
    }
  };
}

/** What it returns is nobody's; what it throws, or rejects with, is a failure. */
async function tell(
  hooks: Hooks,
  name: ObserverEvent['hook'],
  given: readonly unknown[],
): Promise<{ failure?: string }> {
  try {
    await hooks[name]?.(...given);
    return {};
  } catch (error) {
    return { failure: `${name} threw ${named(error)}` };
  }
}

type LogTool = Readonly<Record<LogLevel, (message: unknown, fields?: unknown) => void>>;

/** A log that is counted here, so that what is too much never reaches the program. */
function createLogTool(post: (message: ThreadMessage) => void) {
  let left = MOST_LINES;
  const writer = (level: LogLevel) => (message: unknown, fields?: unknown) => {
    if (left === 0) return;
    left -= 1;
    post({ kind: 'log', level, message: String(message).slice(0, LONGEST_MESSAGE), fields: plainFields(fields) });
  };
  const tool: LogTool = {
    error: writer('error'),
    warn: writer('warn'),
    info: writer('info'),
    debug: writer('debug'),
  };
  return {
    tool,
    refill() {
      left = MOST_LINES;
    },
  };
}

/** As JSON has them; none where that is too long. */
function plainFields(fields: unknown): LogFields {
  const json = JSON.stringify(fields);
  const plain: unknown = json !== undefined && json.length <= LONGEST_FIELDS ? JSON.parse(json) : undefined;
  return typeof plain === 'object' && plain !== null ? { ...plain } : {};
}

/** Its message may hold what the module was told, so only its name and place are said. */
function named(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error';
  const place = placeOf(error);
  return place === undefined ? error.constructor.name : `${error.constructor.name} at ${place}`;
}

if (parentPort !== null) void run(parentPort, workerData as ThreadPlan);
