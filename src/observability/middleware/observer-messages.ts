/** What the program and the thread of a user's observer say to each other. Plain data: it is copied between them. */
import type { LogFields, LogLevel } from '../../domain/ports.ts';
import type { CallOutcome, ObservedCall } from './call-observer.ts';

/** What a thread begins with. */
export interface ThreadPlan {
  /** The address of the ES module. */
  readonly url: string;
  readonly options: unknown;
}

/** To the thread; every one is answered by `done`, in order. */
export type ObserverEvent =
  | { readonly hook: 'callStarted'; readonly call: ObservedCall & { readonly request?: unknown } }
  | { readonly hook: 'firstPart'; readonly id: number; readonly time: number }
  | {
      readonly hook: 'callEnded';
      readonly id: number;
      readonly outcome: CallOutcome & { readonly answer?: string };
    }
  | { readonly hook: 'dispose' };

/** From the thread. */
export type ThreadMessage =
  | { readonly kind: 'loaded' }
  /** It can never be used as it is: it is not loaded, or no observer. `reason` completes "cannot be used: …". */
  | { readonly kind: 'unusable'; readonly reason: string }
  /** `failure` completes "the module …", where its hook failed. */
  | { readonly kind: 'done'; readonly failure?: string }
  /** Something failed that belongs to no hook any more, such as a promise nobody waits for. */
  | { readonly kind: 'stray'; readonly failure: string }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string; readonly fields?: LogFields };
