/** The one wrapper in which all observers of a provider's calls stand. However many they are, a call passes one layer. */
import { AiError, isCancellation } from '../../domain/ai-error.ts';
import type { AiProvider } from '../../domain/ai-provider.ts';
import type { Clock } from '../../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../../domain/wrap-provider.ts';
import { type Answered, endingOf } from './answered.ts';
import type { CallObserver, CallOutcome, CallRecord, ObservedCall } from './call-observer.ts';

/** Most UTF-16 code units of an answer that are kept for who asked for content. */
const LONGEST_ANSWER = 1_000_000;

let lastId = 0;

/** The observers are outermost first: they hear of a beginning in this order and of everything later in the reverse one. */
export function observeCalls(
  provider: AiProvider,
  kind: string,
  observers: readonly CallObserver[],
  clock: Clock,
): AiProvider {
  const isContentWanted = observers.some(({ content }) => content);
  const begin = (call: ProviderCall) => follow(observedCall(provider, kind, call, clock), call, observers, clock);
  return wrapProvider(provider, {
    async unary(call, signal, run) {
      const followed = begin(call);
      try {
        const answer = await run(signal);
        followed.done(endingOf(answer));
        return answer;
      } catch (error) {
        followed.failed(error, signal);
        throw error;
      }
    },
    async *stream(call, signal, open) {
      const followed = begin(call);
      let text = '';
      let isFirst = true;
      try {
        for await (const chunk of open(signal)) {
          if (isFirst && chunk.delta !== '') {
            isFirst = false;
            followed.firstPart();
          }
          if (isContentWanted && text.length < LONGEST_ANSWER) text += chunk.delta;
          // Before it is handed on: what the reader does with the end is not the call's time.
          if (chunk.finish !== undefined) followed.done({ ...endingOf(chunk.finish), text });
          yield chunk;
        }
      } catch (error) {
        followed.failed(error, signal);
        throw error;
      } finally {
        followed.left(signal, text);
      }
    },
  });
}

function observedCall({ name, model }: AiProvider, kind: string, call: ProviderCall, clock: Clock): ObservedCall {
  lastId += 1;
  return Object.freeze({
    id: lastId,
    provider: name,
    kind,
    model: (call.feature === 'chat' ? call.request.model : undefined) ?? model,
    feature: call.feature === 'other' ? call.operation : call.feature,
    ...(call.feature === 'completion' && { trigger: call.request.trigger }),
    startedAt: clock.wallClock(),
  });
}

function follow(call: ObservedCall, request: ProviderCall, observers: readonly CallObserver[], clock: Clock) {
  const started = clock.now();
  let timeToFirstPart: number | undefined;
  let hasEnded = false;
  const followers: { readonly observer: CallObserver; readonly record: CallRecord }[] = [];
  for (const observer of observers) {
    const record = observer.begin(call, request);
    if (record !== undefined) followers.unshift({ observer, record });
  }

  function end(outcome: Ending, text?: string): void {
    if (hasEnded) return;
    hasEnded = true;
    const told: CallOutcome = Object.freeze({
      ...outcome,
      time: clock.now() - started,
      ...(timeToFirstPart !== undefined && { timeToFirstPart }),
    });
    const answer = text === undefined || text === '' ? undefined : text.slice(0, LONGEST_ANSWER);
    for (const { observer, record } of followers) record.ended(told, observer.content ? answer : undefined);
  }

  return {
    firstPart() {
      const time = clock.now() - started;
      timeToFirstPart = time;
      for (const { record } of followers) record.firstPart(time);
    },
    done: ({ text, ...said }: Answered) => end({ state: 'done', ...said }, text),
    failed: (error: unknown, signal: AbortSignal) => end(isCancelled(error, signal) ? cancelled : failure(error)),
    /** The reader had enough, or is gone. */
    left: (signal: AbortSignal, text: string) => end(signal.aborted ? cancelled : { state: 'done' }, text),
  };
}

type WithoutTimes<Outcome> = Outcome extends CallOutcome ? Omit<Outcome, 'time' | 'timeToFirstPart'> : never;
type Ending = WithoutTimes<CallOutcome>;

const cancelled: Ending = { state: 'cancelled' };

function isCancelled(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || isCancellation(error);
}

function failure(thrown: unknown): Ending {
  if (!(thrown instanceof AiError)) {
    return { state: 'failed', error: { kind: 'server', message: 'The call failed inside the server.' } };
  }
  const { kind, message, status } = thrown;
  return { state: 'failed', error: { kind, message, ...(status !== undefined && { status }) } };
}
