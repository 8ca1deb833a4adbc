/**
 * A user's own observer of calls, run in a thread of its own. It gets copies and gives nothing back, so it can neither
 * change a call nor hold one up; what of it fails too often is switched off.
 */
import type { Clock, Log, TimerHandle } from '../../domain/ports.ts';
import type { ProviderCall } from '../../domain/wrap-provider.ts';
import type { CallObserver, CallRecord, ObservedCall } from './call-observer.ts';
import type { ObserverEvent, ThreadMessage } from './observer-messages.ts';
import { type ObserverThread, openThread } from './open-thread.ts';

export interface ModuleObserverOptions {
  /** An absolute path or a `file:` URL. */
  readonly module: string;
  readonly options: unknown;
  readonly content: boolean;
  /** The bundled `observer-thread`. */
  readonly threadFile: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** So many failures within `WINDOW` milliseconds are no accident. */
const TOLERATED = 5;
const WINDOW = 600_000;
/** Milliseconds a hook, or loading, may take. */
const PATIENCE = 10_000;
/** Milliseconds `dispose` may take. */
const ENDING = 2000;
/** Events, and UTF-16 code units of text in them, that wait for the module; calls beyond are not told of. */
const MOST_EVENTS = 1000;
const MOST_TEXT = 16_000_000;

/** What the thread has not answered yet. */
interface Waiting {
  /** UTF-16 code units. */
  readonly size: number;
  answered(): void;
}

interface Running {
  readonly thread: ObserverThread;
  readonly waiting: Waiting[];
  isLoaded: boolean;
  text: number;
  timer?: TimerHandle | undefined;
}

export function createModuleObserver(options: ModuleObserverOptions): CallObserver {
  const { module, content, threadFile, clock, log } = options;
  const failures: number[] = [];
  let running: Running | undefined;
  let isOff = false;
  let isOverloadTold = false;

  function start(): Running {
    const thread = openThread(
      threadFile,
      { url: module, options: options.options },
      {
        heard(message) {
          if (running === began) hear(began, message);
        },
        ended: () => endedBy(began, 'its thread ended'),
      },
    );
    const began: Running = { thread, waiting: [], isLoaded: false, text: 0 };
    running = began;
    return began;
  }

  function hear(began: Running, message: ThreadMessage): void {
    switch (message.kind) {
      case 'loaded':
        began.isLoaded = true;
        watch(began);
        break;
      case 'unusable':
        switchOff(`The middleware module ${module} cannot be used: ${message.reason}.`);
        break;
      case 'done':
        settle(began);
        if (message.failure !== undefined) note(message.failure);
        break;
      case 'stray':
        note(message.failure);
        break;
      case 'log':
        log[message.level](`Middleware ${module}: ${message.message}`, message.fields);
        break;
    }
  }

  function settle(began: Running): void {
    const first = began.waiting.shift();
    if (first === undefined) return;
    began.text -= first.size;
    watch(began);
    first.answered();
  }

  /** Waits for the answer to whatever has waited longest. */
  function watch(began: Running): void {
    clock.clearTimeout(began.timer);
    began.timer = began.waiting.length === 0 ? undefined : clock.setTimeout(() => giveUp(began), PATIENCE);
  }

  function giveUp(began: Running): void {
    const seconds = PATIENCE / 1000;
    if (!began.isLoaded) {
      switchOff(`The middleware module ${module} cannot be used: it was not loaded after ${seconds} seconds.`);
    } else endedBy(began, `a hook took longer than ${seconds} seconds`);
  }

  /** The thread is of no use any more; the next call begins another one. */
  function endedBy(began: Running, failure: string): void {
    if (running !== began) return;
    drop();
    note(failure);
  }

  function drop(): void {
    const ended = running;
    if (ended === undefined) return;
    running = undefined;
    clock.clearTimeout(ended.timer);
    ended.thread.end();
    for (const { answered } of ended.waiting) answered();
  }

  function note(failure: string): void {
    const now = clock.now();
    failures.push(now);
    while (now - (failures[0] ?? now) >= WINDOW) failures.shift();
    if (failures.length < TOLERATED) {
      log.debug(`The middleware module ${module} failed.`, { failure });
      return;
    }
    const minutes = WINDOW / 60_000;
    switchOff(
      `The middleware module ${module} is switched off until its entry changes or the server starts anew: it failed ${TOLERATED} times within ${minutes} minutes, at last because ${failure}.`,
    );
  }

  function switchOff(why: string): void {
    drop();
    if (!isOff) log.warn(why);
    isOff = true;
  }

  function send(to: Running, event: ObserverEvent, size: number, answered: () => void = () => {}): void {
    to.thread.send(event);
    to.text += size;
    to.waiting.push({ size, answered });
    if (to.waiting.length === 1) watch(to);
  }

  function isOverloaded({ waiting, text }: Running): boolean {
    if (waiting.length < MOST_EVENTS && text < MOST_TEXT) return false;
    if (!isOverloadTold) log.warn(`The middleware module ${module} is too slow: it is not told of every call.`);
    isOverloadTold = true;
    return true;
  }

  return {
    content,
    begin(call: ObservedCall, request: ProviderCall): CallRecord | undefined {
      if (isOff) return undefined;
      const own = running ?? start();
      if (isOverloaded(own)) return undefined;
      const asked = content && 'request' in request ? request.request : undefined;
      const told = asked === undefined ? call : { ...call, request: asked };
      send(own, { hook: 'callStarted', call: told }, textOf(asked));
      const { id } = call;
      return {
        firstPart(time) {
          if (running === own) send(own, { hook: 'firstPart', id, time }, 0);
        },
        ended(outcome, answer) {
          if (running !== own) return;
          const known = answer === undefined ? outcome : { ...outcome, answer };
          send(own, { hook: 'callEnded', id, outcome: known }, answer?.length ?? 0);
        },
      };
    },
    async dispose() {
      isOff = true;
      const own = running;
      if (own === undefined) return;
      // Without it a program that has nothing else to do would end before the module has.
      own.thread.hold();
      let late: TimerHandle | undefined;
      await new Promise<void>((resolve) => {
        late = clock.setTimeout(resolve, ENDING);
        send(own, { hook: 'dispose' }, 0, resolve);
      });
      clock.clearTimeout(late);
      drop();
    },
  };
}

/** UTF-16 code units, nearly: what a copy of it costs. */
function textOf(request: unknown): number {
  return request === undefined ? 0 : JSON.stringify(request).length;
}
