/**
 * Makes the calls of one wire: sends them again without what the model refuses, reads their answers, closes what is left,
 * gives every failure in our words, and keeps the provider's health. Apart because all of this is the same whether an SDK
 * sends or nobody stands between; what a wire's words mean is each vendor's own.
 */
import { AiError, cancelled } from '../../domain/ai-error.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { type Follower, followSignal } from '../../util/follow-signal.ts';
import type { Refusals } from '../refused-parameters.ts';
import { keyPlace } from './call-headers.ts';
import { type FailureReport, failureError } from './failure-error.ts';
import { foreignAnswer, isPage } from './foreign-answer.ts';
import { createHealthTracker, type HealthTracker } from './health.ts';
import { HttpFailure, knownCause } from './http-failure.ts';
import type { OpenAnswer } from './open-answer.ts';
import { type AnswerChunk, type AnswerFormat, readAnswer, readWholeAnswer } from './read-answer.ts';
import type { HeaderReader } from './retry-hints.ts';

/** An error answer, or an error inside an answer that began well, which has no status. */
export interface FailureAnswer {
  readonly status: number | undefined;
  readonly body: unknown;
  readonly header: HeaderReader;
}

export interface WireCallsOptions<Body> {
  readonly entry: ProviderEntry;
  readonly apiKey: ProviderDependencies['apiKey'];
  /** The variable people put the key into, for advice. */
  readonly keyVariable?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Throws where no call to this model can be made; nothing is loaded or sent then. */
  check?(model: string): void;
  /** Makes the memory of what models refused. */
  refusals(onRefusal: (parameter: string, model: string) => void): Refusals<Body>;
  /** What the wire's words mean. */
  report(failure: FailureAnswer): FailureReport;
}

/** A request of one wire. */
export interface WireCall<Body> {
  /** The model asked, for advice and for what it refuses. */
  readonly model: string;
  readonly body: Body;
  /** Rejects with what the call failed with, `HttpFailure` for an error answer. */
  send(accepted: Body, signal: AbortSignal): Promise<Answered>;
}

/** An open answer before anybody may close it. */
export type Answered = Omit<OpenAnswer, 'close'>;

export interface WireCalls<Body> {
  readonly health: HealthTracker;
  /** Runs a call whose every failure is one of ours. The signal it is given is its own. */
  run<Answer>(model: string, signal: AbortSignal, call: (own: AbortSignal) => Promise<Answer>): Promise<Answer>;
  /** Sends the call without what its model refused before, and again without what it refuses now. For use inside `run`. */
  send(call: WireCall<Body>, signal: AbortSignal): Promise<Answered>;
  /** A streamed answer. Rejects with `AiError`; leaving it closes its connection. */
  stream(call: WireCall<Body>, format: AnswerFormat, signal: AbortSignal): AsyncGenerator<AnswerChunk, void, undefined>;
  /** An answer in one piece. Rejects with `AiError`. */
  ask(call: WireCall<Body>, format: AnswerFormat, signal: AbortSignal): Promise<AnswerChunk>;
}

/** Characters: what is shorter is in an id by chance. */
const shortestSecret = 8;
/** How many parameters one call may lose before its error is believed. */
const mostRefusals = 3;

export function createWireCalls<Body>(options: WireCallsOptions<Body>): WireCalls<Body> {
  const { entry, clock, log } = options;
  const provider = entry.id;
  const health = createHealthTracker(clock);
  const refusals = options.refusals((parameter, model) =>
    log.warn('The model refuses a parameter; it is left out or lowered from now on.', { provider, model, parameter }),
  );

  /** A gateway may give back what it was sent as its own id of the request. */
  const withoutEcho = (report: FailureReport): FailureReport => {
    const sent = [options.apiKey()?.reveal(), ...Object.values(entry.headers ?? {})];
    const isEcho = sent.some(
      (secret) => secret !== undefined && secret.length >= shortestSecret && report.requestId?.includes(secret),
    );
    return isEcho ? { ...report, requestId: undefined } : report;
  };
  const errorOf = (failure: FailureAnswer, model: string): AiError => {
    const { status, header } = failure;
    if (isPage(status, header)) return foreignAnswer(provider, header, status);
    return failureError(withoutEcho(options.report(failure)), {
      provider,
      model: model === '' ? 'its model' : model,
      keyPlace: keyPlace(entry, options.keyVariable),
      wallClock: clock.wallClock(),
    });
  };
  /** SDKs wrap what our `fetch` throws; the cause is what counts. */
  const translated = (thrown: unknown, model: string, signal: AbortSignal): AiError => {
    if (signal.aborted) return cancelled(provider);
    const known = knownCause(thrown);
    if (known !== undefined) return known instanceof AiError ? known : errorOf(known, model);
    const name = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
    return new AiError('server', provider, `${provider} gave an answer that could not be understood (${name}).`);
  };
  const failed = (thrown: unknown, model: string, signal: AbortSignal): AiError => {
    const error = translated(thrown, model, signal);
    health.failed(error);
    return error;
  };
  const begin = (model: string, signal: AbortSignal): Follower => {
    try {
      if (signal.aborted) throw cancelled(provider);
      options.check?.(model);
    } catch (error) {
      throw failed(error, model, signal);
    }
    return followSignal(signal);
  };
  const context = (model: string, signal: AbortSignal) => ({
    provider,
    model,
    clock,
    signal,
    answerError: (body: unknown, header: HeaderReader) => errorOf({ status: undefined, body, header }, model),
  });

  const send = async ({ model, body, send: sendOnce }: WireCall<Body>, signal: AbortSignal): Promise<Answered> => {
    for (let refused = 0; ; refused++) {
      const accepted = refusals.without(body, model);
      const sentAt = clock.now();
      try {
        const answer = await sendOnce(accepted, signal);
        health.allowances.heard(answer.header, sentAt);
        health.answered();
        return answer;
      } catch (error) {
        const cause = knownCause(error);
        if (cause instanceof HttpFailure) health.allowances.heard(cause.header, sentAt);
        if (refused >= mostRefusals || !refusals.learn(error, accepted, model)) throw error;
      }
    }
  };

  return {
    health,
    send,
    async run(model, signal, call) {
      const own = begin(model, signal);
      try {
        return await call(own.signal);
      } catch (error) {
        throw failed(error, model, signal);
      } finally {
        own.release();
      }
    },
    async *stream(call, format, signal) {
      const own = begin(call.model, signal);
      try {
        const { header, body } = await send(call, own.signal);
        const answer = { header, body, close: () => own.abort() };
        yield* readAnswer(answer, format, context(call.model, signal));
      } catch (error) {
        throw failed(error, call.model, signal);
      } finally {
        own.release();
      }
    },
    async ask(call, format, signal) {
      const own = begin(call.model, signal);
      try {
        const { header, body } = await send(call, own.signal);
        const answer = { header, body, close: () => own.abort() };
        return await readWholeAnswer(answer, format, context(call.model, signal));
      } catch (error) {
        throw failed(error, call.model, signal);
      } finally {
        own.release();
      }
    },
  };
}
