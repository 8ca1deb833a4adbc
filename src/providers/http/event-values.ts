/** The JSON of an event stream. Apart from the reader of events because vendors put JSON into all of them but one. */
import { AiError } from '../../domain/ai-error.ts';
import { parseJson } from './json.ts';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';

/** Stands for `[DONE]`, which is no JSON. */
export const done = Symbol('[DONE]');

/** What an event calls an error that does not say so itself is put under `error`. Rejects with `AiError` of kind `server`. */
export async function* readEventValues(
  body: AsyncIterable<Uint8Array>,
  provider: string,
): AsyncGenerator<Iterable<unknown>, void, undefined> {
  for await (const events of readServerSentEvents(body, provider)) yield valuesOf(events, provider);
}

function* valuesOf(events: readonly ServerSentEvent[], provider: string): Generator<unknown, void, undefined> {
  for (const { data, event } of events) {
    if (data === '') continue;
    const value = data === '[DONE]' ? done : parseJson(data);
    if (value === undefined) throw new AiError('server', provider, `${provider} sent an event that is no JSON.`);
    yield event === 'error' ? asError(value) : value;
  }
}

function asError(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'error' in value ? value : { error: value };
}
