/** The observers of the settings' list: kept where their entry stays, made and ended where it comes and goes. */
import { isDeepStrictEqual } from 'node:util';
import type { AiProvider } from '../../domain/ai-provider.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { CallObserver } from './call-observer.ts';
import { type ContainedObserver, containObserver } from './contain-observer.ts';
import { createCallLog } from './log-calls.ts';
import { createModuleObserver } from './module-observer.ts';
import { observeCalls } from './observe-calls.ts';
import { createCallTracer } from './trace-calls.ts';

/** As the settings say it. */
export type MiddlewareEntry =
  | { readonly kind: 'log' }
  | { readonly kind: 'openTelemetry'; readonly content?: boolean }
  | {
      readonly kind: 'module';
      readonly module: string;
      readonly options?: Readonly<Record<string, unknown>>;
      readonly content?: boolean;
    };

export interface Middleware {
  /** The list that holds from now on. An observer that is left out is disposed after the last call it follows. */
  configure(entries: readonly MiddlewareEntry[]): void;
  /** Tells everybody on the list of the provider's calls; the same provider where there is nobody, or nothing to tell. */
  observe(provider: AiProvider, kind: string): AiProvider;
  /** Disposes all of them, calls or not. */
  dispose(): Promise<void>;
}

export interface MiddlewareOptions {
  /** Of the program. */
  readonly version: string;
  /** The bundled `observer-thread`. */
  readonly threadFile: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Slot {
  readonly entry: MiddlewareEntry;
  /** `undefined` where what it needs is not there. */
  readonly observer: ContainedObserver | undefined;
}

export function createMiddleware(options: MiddlewareOptions): Middleware {
  const { clock, log } = options;
  let slots: readonly Slot[] = [];

  return {
    configure(entries) {
      const left = [...slots];
      slots = entries.map((entry) => {
        const index = left.findIndex((slot) => isDeepStrictEqual(slot.entry, entry));
        return left.splice(index, index === -1 ? 0 : 1)[0] ?? open(entry);
      });
      for (const { observer } of left) observer?.retire();
    },
    observe(provider, kind) {
      const observers = slots.flatMap(({ observer }) => observer ?? []);
      // What stays in this process leaves nothing to watch over, and was not freed of what may not leave it.
      return provider.local || observers.length === 0 ? provider : observeCalls(provider, kind, observers, clock);
    },
    async dispose() {
      const all = slots;
      slots = [];
      await Promise.all(all.flatMap(({ observer }) => (observer === undefined ? [] : [observer.dispose()])));
    },
  };

  function open(entry: MiddlewareEntry): Slot {
    const observer = create(entry, options);
    return { entry, observer: observer && containObserver(observer, entry.kind, log) };
  }
}

function create(
  entry: MiddlewareEntry,
  { version, threadFile, clock, log }: MiddlewareOptions,
): CallObserver | undefined {
  switch (entry.kind) {
    case 'log':
      return createCallLog(log);
    case 'openTelemetry':
      return createCallTracer({ version, content: entry.content === true, log });
    case 'module': {
      const { module, options, content } = entry;
      return createModuleObserver({ module, options, content: content === true, threadFile, clock, log });
    }
  }
}
