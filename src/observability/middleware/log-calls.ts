/** The observer that writes one line for each call to the log: never a text, never a key. */
import type { Log, LogFields } from '../../domain/ports.ts';
import type { CallObserver, CallOutcome } from './call-observer.ts';

export function createCallLog(log: Log): CallObserver {
  return {
    content: false,
    begin: ({ provider, model, feature, trigger }) => ({
      firstPart() {},
      ended: (outcome) => log.info('Provider call.', known({ provider, model, feature, trigger, ...figures(outcome) })),
    }),
  };
}

function figures(outcome: CallOutcome): LogFields {
  const { state, time, timeToFirstPart } = outcome;
  const ended = {
    outcome: state === 'failed' ? outcome.error.kind : state,
    time: Math.round(time),
    timeToFirstPart: timeToFirstPart === undefined ? undefined : Math.round(timeToFirstPart),
  };
  if (state !== 'done') return ended;
  const { finishReason, usage } = outcome;
  return { ...ended, finishReason, inputTokens: usage?.inputTokens, outputTokens: usage?.outputTokens };
}

function known(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
