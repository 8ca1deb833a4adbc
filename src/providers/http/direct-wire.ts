/** Sends JSON to a server with no SDK between. Apart because every wire that is spoken directly sends alike. */
import { setImmediate } from 'node:timers/promises';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { createRefusedParameters, type RefusableParameters } from '../refused-parameters.ts';
import type { Fields } from '../request-fields.ts';
import { readText } from './bounded-body.ts';
import { bearer, callHeaders } from './call-headers.ts';
import type { FailureReport } from './failure-error.ts';
import { foreignAnswer } from './foreign-answer.ts';
import type { HealthTracker } from './health.ts';
import { throwFailure } from './http-failure.ts';
import { parseJson } from './json.ts';
import type { AnswerChunk, AnswerFormat } from './read-answer.ts';
import type { HttpTransport } from './transport.ts';
import { createWireCalls, type FailureAnswer, type WireCall } from './wire-calls.ts';

export interface DirectWireOptions extends Pick<ProviderDependencies, 'apiKey' | 'clock' | 'log'> {
  readonly entry: ProviderEntry;
  readonly transport: HttpTransport;
  readonly refusable: RefusableParameters;
  /** What the wire's words mean. */
  report(failure: FailureAnswer): FailureReport;
}

export interface DirectCall {
  readonly url: string;
  /** Absent: the call is a GET. */
  readonly body?: Fields;
  /** The model asked, for advice and for what it refuses; empty where the server has one only. */
  readonly model: string;
}

export interface DirectWire {
  readonly health: HealthTracker;
  /** The JSON of an answer in one piece. Rejects with `AiError`. */
  ask(call: DirectCall, signal: AbortSignal): Promise<unknown>;
  /** A streamed answer. Rejects with `AiError`; leaving it closes its connection. */
  stream(call: DirectCall, format: AnswerFormat, signal: AbortSignal): AsyncGenerator<AnswerChunk, void, undefined>;
}

export function createDirectWire(options: DirectWireOptions): DirectWire {
  const { entry, transport, apiKey } = options;
  const provider = entry.id;
  const calls = createWireCalls<Fields>({
    ...options,
    refusals: (onRefusal) => createRefusedParameters(options.refusable, onRefusal),
  });
  const wireCall = ({ url, body, model }: DirectCall): WireCall<Fields> => ({
    model,
    body: body ?? {},
    async send(accepted, signal) {
      const request = { provider, url, headers: callHeaders(entry, bearer(apiKey())), signal };
      const answer = await transport.request(
        body === undefined
          ? { ...request, method: 'GET' }
          : { ...request, method: 'POST', body: JSON.stringify(accepted) },
      );
      return throwFailure(answer);
    },
  });

  return {
    health: calls.health,
    ask: (call, signal) =>
      calls.run(call.model, signal, async (own) => {
        const { body, header } = await calls.send(wireCall(call), own);
        const value = parseJson(await readText(body));
        // The connection is free at the next turn of the event loop; a call that waits for this answer would open another.
        await setImmediate();
        if (value === undefined) throw foreignAnswer(provider, header);
        return value;
      }),
    stream: (call, format, signal) => calls.stream(wireCall(call), format, signal),
  };
}
