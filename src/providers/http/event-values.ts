/** The JSON of an event stream, event by event. Apart from the reader of events because vendors put JSON into all of them but one. */
import { AiError } from '../../domain/ai-error.ts';
import { parseJson } from './json.ts';
import type { StreamedValue } from './read-answer.ts';
import { readServerSentEvents } from './server-sent-events.ts';

/** Stands for `[DONE]`, which is no JSON. */
export const done = Symbol('[DONE]');

/** What an event calls an error that does not say so itself is put under `error`. Rejects with `AiError` of kind `server`. */
export async function* readEventValues(
  body: AsyncIterable<Uint8Array>,
  provider: string,
): AsyncGenerator<StreamedValue, void, undefined> {
  for await (const { data, event, more } of readServerSentEvents(body, provider)) {
    if (data === '') continue;
    const value = data === '[DONE]' ? done : parseJson(data);
    if (value === undefined) throw new AiError('server', provider, `${provider} sent an event that is no JSON.`);
    yield { value: event === 'error' ? asError(value) : value, more };
  }
}

function asError(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'error' in value ? value : { error: value };
}
