/** What whoever watches provider calls is told of them. Apart from who tells it: this is what users' own modules are written against. */
import type { AiErrorKind } from '../../domain/ai-error.ts';
import type { FinishReason } from '../../domain/completion.ts';
import type { Usage } from '../../domain/usage.ts';
import type { ProviderCall } from '../../domain/wrap-provider.ts';

/** Bumped when an observer written for the old interface would no longer work. */
export const observerApiVersion = 1;

/** One call, without any text of the user's. */
export interface ObservedCall {
  /** Counts the observed calls of this process. */
  readonly id: number;
  /** The id of the settings entry. */
  readonly provider: string;
  readonly kind: string;
  readonly model: string;
  readonly feature: 'completion' | 'chat' | 'embed' | 'countTokens' | 'listModels' | 'checkHealth';
  /** Of a completion alone. */
  readonly trigger?: 'automatic' | 'explicit';
  /** Unix milliseconds. */
  readonly startedAt: number;
}

interface Times {
  /** Milliseconds of the whole call, retries included. */
  readonly time: number;
  /** Milliseconds until the first text of a stream; absent where none came, and for calls that are answered at once. */
  readonly timeToFirstPart?: number;
}

/** How a call ended. A stream that its reader left is `done` without a reason: what was wanted of it had come. */
export type CallOutcome =
  | (Times & {
      readonly state: 'done';
      readonly finishReason?: FinishReason;
      /** The model that says it answered. */
      readonly model?: string;
      readonly usage?: Usage;
    })
  | (Times & {
      readonly state: 'failed';
      /** `message` names what to do; it holds no key and no text. */
      readonly error: { readonly kind: AiErrorKind; readonly message: string; readonly status?: number };
    })
  | (Times & { readonly state: 'cancelled' });

/** One call as an observer follows it. */
export interface CallRecord {
  /** The first text of a stream came, after so many milliseconds. */
  firstPart(time: number): void;
  /** Called once. `answer` is there only where the observer asked for content, and something was answered. */
  ended(outcome: CallOutcome, answer: string | undefined): void;
}

/** Only listens: nothing it returns or throws reaches the call, and nobody waits for it. */
export interface CallObserver {
  /** Whether it is told what was answered. What was asked it takes from `request`, under the same condition. */
  readonly content: boolean;
  /** `undefined` where it does not follow this call. */
  begin(call: ObservedCall, request: ProviderCall): CallRecord | undefined;
  dispose?(): Promise<void>;
}
