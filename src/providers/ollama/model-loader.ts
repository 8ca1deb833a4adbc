/**
 * Sees to it that a model is in memory before it is asked. Ollama loads a model for the first request and gives the load
 * up with that request; while somebody types, every request is superseded before a large model is there, and none ever
 * answers. Therefore the load is a call of its own that no request's end aborts.
 */
import { AiError, cancelled } from '../../domain/ai-error.ts';
import type { Clock, ProgressReporter } from '../../domain/ports.ts';

export interface ModelLoader {
  /**
   * Resolves when the model is in memory as far as is known. Rejects with `AiError`: `cancelled` when the signal is
   * aborted, which leaves the load alone; `overloaded` when it takes longer than `patience` milliseconds; and as the
   * load itself does.
   */
  ready(model: string, patience: number, signal: AbortSignal): Promise<void>;
  /** The model answered: it stays in memory for as long as the server was told. */
  answered(model: string): void;
  /** A request was given up before its answer began: the model may have been loading for it. */
  doubt(): void;
  /** The model that is being loaded now. */
  readonly loading: string | undefined;
  /** Gives up what is being loaded. */
  dispose(): void;
}

export interface ModelLoaderOptions {
  readonly provider: string;
  readonly clock: Clock;
  readonly progress: ProgressReporter;
  /** Milliseconds the server keeps a model that nobody asks. */
  readonly keepAlive: number;
  load(model: string, signal: AbortSignal): Promise<unknown>;
}

/** Milliseconds after which a load is shown; a model that is in memory already answers much sooner. */
const shownAfter = 250;

export function createModelLoader(options: ModelLoaderOptions): ModelLoader {
  const { provider, clock, progress } = options;
  const lifetime = new AbortController();
  const loads = new Map<string, Promise<void>>();
  let present: { readonly model: string; readonly until: number } | undefined;
  let loading: string | undefined;

  const keep = (model: string) => {
    present = { model, until: clock.now() + options.keepAlive };
  };

  async function load(model: string): Promise<void> {
    let shown: ReturnType<ProgressReporter['begin']> | undefined;
    const timer = clock.setTimeout(() => {
      loading = model;
      shown = progress.begin(`Loading ${model} into ${provider}`);
    }, shownAfter);
    try {
      await options.load(model, lifetime.signal);
      keep(model);
    } finally {
      clock.clearTimeout(timer);
      shown?.end();
      if (loading === model) loading = undefined;
      loads.delete(model);
    }
  }

  return {
    get loading() {
      return loading;
    },
    async ready(model, patience, signal) {
      if (signal.aborted) throw cancelled(provider);
      if (present?.model === model && clock.now() < present.until) return;
      const begun = loads.get(model) ?? load(model);
      loads.set(model, begun);
      await untilDone(begun, { provider, model, patience, clock, signal });
    },
    answered: keep,
    doubt() {
      present = undefined;
    },
    dispose: () => lifetime.abort(),
  };
}

interface Waiting {
  readonly provider: string;
  readonly model: string;
  readonly patience: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

function untilDone(load: Promise<void>, { provider, model, patience, clock, signal }: Waiting): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clock.clearTimeout(timer);
      reject(cancelled(provider));
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', leave);
      reject(stillLoading(provider, model));
    }, patience);
    const settle = () => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    };
    signal.addEventListener('abort', leave, { once: true });
    load.then(
      () => {
        settle();
        resolve();
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

export function stillLoading(provider: string, model: string): AiError {
  const message = `${provider} is loading ${model}. It answers once that is done.`;
  // Trying again at once would find it loading still.
  return new AiError('overloaded', provider, message, { retryable: false });
}
