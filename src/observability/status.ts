/** The one line an editor's status bar shows: whether a provider is being asked, and what is wrong with it, said once. */
import { AiError, type AiErrorKind, isCancellation } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Clock, TimerHandle } from '../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';

export interface Status {
  /** True while a provider on the network is being asked for longer than anybody would notice. */
  readonly busy: boolean;
  readonly kind: 'Normal' | 'Warning' | 'Error' | 'Inactive';
  readonly message: string;
  /** The id of the provider that completes. */
  readonly provider: string;
  /** What was asked when the provider failed; absent while nothing is wrong. */
  readonly failed?: Feature;
}

type Feature = ProviderCall['feature'];

export type IdleStatus = Pick<Status, 'message' | 'provider'> & { readonly kind: 'Normal' | 'Inactive' };

export interface StatusTracker {
  /** Watches a provider's calls; changes nothing of them. */
  watch(provider: AiProvider): AiProvider;
  /** A provider that had failed is there again, without having been called: a failure that passes has passed. */
  foundWell(provider: string): void;
  /** What is said while nothing is wrong, or why nothing is asked at all. Clears an earlier failure. */
  setIdle(idle: IdleStatus): void;
  current(): Status;
  /** Called on change only. */
  onChange(listener: (status: Status) => void): void;
}

/**
 * Milliseconds after which waiting is shown. A shorter wait feels like none (Miller 1968), and saying so to the editor
 * twice for every keystroke would take longer than the rest of a completion does here.
 */
export const BUSY_AFTER = 100;

/** Failures that stay until the user does something. */
const needsUser: ReadonlySet<AiErrorKind> = new Set([
  'notConfigured',
  'authentication',
  'permission',
  'notFound',
  'quota',
]);

export function createStatusTracker(clock: Clock): StatusTracker {
  const listeners: ((status: Status) => void)[] = [];
  let running = 0;
  let busy = false;
  let waiting: TimerHandle | undefined;
  let idle: IdleStatus = { kind: 'Normal', message: '', provider: '' };
  let failure: { provider: string; kind: 'Warning' | 'Error'; message: string; feature: Feature } | undefined;
  let told = '';

  function current(): Status {
    const { kind, message } = failure ?? idle;
    return {
      busy,
      kind,
      message,
      provider: idle.provider,
      ...(failure === undefined ? {} : { failed: failure.feature }),
    };
  }

  function changed(): void {
    const status = current();
    const key = JSON.stringify(status);
    if (key === told) return;
    told = key;
    for (const listener of listeners) listener(status);
  }

  function enter(provider: AiProvider): void {
    // What stays in this process takes no time worth showing.
    if (provider.local) return;
    running += 1;
    if (running === 1) waiting = clock.setTimeout(becomeBusy, BUSY_AFTER);
  }

  function becomeBusy(): void {
    busy = true;
    changed();
  }

  function leave(provider: AiProvider): void {
    if (provider.local) return;
    running -= 1;
    if (running === 0) {
      clock.clearTimeout(waiting);
      busy = false;
    }
    changed();
  }

  function succeeded(provider: AiProvider): void {
    if (failure?.provider === provider.name) failure = undefined;
  }

  function failed(provider: AiProvider, feature: Feature, error: unknown, signal: AbortSignal): void {
    if (signal.aborted || isCancellation(error)) return;
    const kind = error instanceof AiError && needsUser.has(error.kind) ? 'Error' : 'Warning';
    const message = error instanceof Error ? error.message : String(error);
    failure = { provider: provider.name, kind, message, feature };
  }

  return {
    watch(inner) {
      return wrapProvider(inner, {
        async unary(call, signal, run) {
          if (call.feature === 'other') return run(signal);
          enter(inner);
          try {
            const answer = await run(signal);
            succeeded(inner);
            return answer;
          } catch (error) {
            failed(inner, call.feature, error, signal);
            throw error;
          } finally {
            leave(inner);
          }
        },
        async *stream({ feature }, signal, open) {
          enter(inner);
          try {
            for await (const chunk of open(signal)) {
              succeeded(inner);
              yield chunk;
            }
          } catch (error) {
            failed(inner, feature, error, signal);
            throw error;
          } finally {
            leave(inner);
          }
        },
      });
    },
    foundWell(provider) {
      if (failure?.provider === provider && failure.kind === 'Warning') failure = undefined;
      changed();
    },
    setIdle(next) {
      idle = next;
      failure = undefined;
      changed();
    },
    current,
    onChange: (listener) => void listeners.push(listener),
  };
}
