/**
 * Sends JSON to a server with no SDK between, and gives its answers and errors in our words. Apart because every wire
 * that is spoken directly sends, closes, fails and is watched alike; what its words mean is each vendor's own.
 */
import { setImmediate } from 'node:timers/promises';
import { AiError, cancelled } from '../../domain/ai-error.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { followSignal } from '../../util/follow-signal.ts';
import { createRefusedParameters, type RefusableParameters } from '../refused-parameters.ts';
import { readText } from './bounded-body.ts';
import { bearer, callHeaders, keyPlace } from './call-headers.ts';
import type { FailureTarget } from './failure-error.ts';
import { createHealthTracker, type HealthTracker } from './health.ts';
import { HttpFailure, throwFailure } from './http-failure.ts';
import { parseJson } from './json.ts';
import { type AnswerChunk, readAnswer, type StreamFormat } from './read-answer.ts';
import type { HeaderReader } from './retry-hints.ts';
import type { HttpTransport, TransportResponse } from './transport.ts';

export interface DirectWireOptions {
  readonly entry: ProviderEntry;
  readonly apiKey: ProviderDependencies['apiKey'];
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly log: Log;
  readonly refusable: RefusableParameters;
  /** What an error answer means; without a status for an error inside a stream that began well. */
  mapFailure(failure: FailureAnswer, target: FailureTarget): AiError;
}

export interface FailureAnswer {
  readonly status: number | undefined;
  readonly body: unknown;
  readonly header: HeaderReader;
}

export interface DirectCall {
  readonly url: string;
  /** Absent: the call is a GET. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** The model asked, for advice and for what it refuses. */
  readonly model: string;
}

export interface DirectWire {
  readonly health: HealthTracker;
  /** The JSON of an answer in one piece. Rejects with `AiError`. */
  ask(call: DirectCall, signal: AbortSignal): Promise<unknown>;
  /** A streamed answer. Rejects with `AiError`; leaving it closes its connection. */
  stream(call: DirectCall, format: StreamFormat, signal: AbortSignal): AsyncGenerator<AnswerChunk, void, undefined>;
}

/** How many parameters one call may lose before its error is believed. */
const mostRefusals = 3;

export function createDirectWire(options: DirectWireOptions): DirectWire {
  const { entry, transport, clock, log } = options;
  const provider = entry.id;
  const health = createHealthTracker(clock);
  const refused = createRefusedParameters(options.refusable, (parameter, model) =>
    log.warn('The model refuses a parameter; it is left out from now on.', { provider, model, parameter }),
  );

  const target = (model: string): FailureTarget => ({
    provider,
    model: model === '' ? 'its model' : model,
    keyPlace: keyPlace(entry),
    wallClock: clock.wallClock(),
  });
  const translate = (thrown: unknown, model: string, signal: AbortSignal): AiError => {
    if (signal.aborted) return cancelled(provider);
    if (thrown instanceof AiError) return thrown;
    if (thrown instanceof HttpFailure) return options.mapFailure(thrown, target(model));
    const name = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
    return new AiError('server', provider, `${provider} gave an answer that could not be understood (${name}).`);
  };
  const failed = (thrown: unknown, model: string, signal: AbortSignal): AiError => {
    const error = translate(thrown, model, signal);
    health.failed(error);
    return error;
  };

  const send = async (call: DirectCall, body: DirectCall['body'], signal: AbortSignal): Promise<TransportResponse> => {
    const answer = await transport.request({
      provider,
      method: body === undefined ? 'GET' : 'POST',
      url: call.url,
      headers: callHeaders(entry, bearer(options.apiKey())),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    return throwFailure(answer);
  };
  const open = async (call: DirectCall, signal: AbortSignal): Promise<TransportResponse> => {
    if (signal.aborted) throw cancelled(provider);
    for (let refusals = 0; ; refusals++) {
      const sent = call.body && refused.without({ ...call.body, model: call.model });
      try {
        const answer = await send(call, sent && withModelOf(call.body, sent), signal);
        health.answered(answer.header);
        return answer;
      } catch (error) {
        if (sent === undefined || refusals >= mostRefusals || !refused.learn(error, sent)) throw error;
      }
    }
  };

  return {
    health,
    async ask(call, signal) {
      try {
        const value = parseJson(await readText((await open(call, signal)).body));
        // The connection is free at the next turn of the event loop; a call that waits for this answer would open another.
        await setImmediate();
        if (value === undefined) throw new AiError('server', provider, `${provider} answered with what is no JSON.`);
        return value;
      } catch (error) {
        throw failed(error, call.model, signal);
      }
    },
    async *stream(call, format, signal) {
      const own = followSignal(signal);
      try {
        const answer = await open(call, own.signal);
        yield* readAnswer({ ...answer, close: () => own.abort() }, format, {
          provider,
          model: call.model,
          clock,
          signal,
          streamError: (error, header) =>
            options.mapFailure({ status: undefined, body: { error }, header }, target(call.model)),
        });
      } catch (error) {
        throw failed(error, call.model, signal);
      }
    },
  };
}

/** A server that has one model only may do without its name. */
function withModelOf(
  body: DirectCall['body'],
  sent: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (body !== undefined && 'model' in body) return sent;
  const { model: _, ...rest } = sent;
  return rest;
}
