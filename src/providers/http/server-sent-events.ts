/** Reads a `text/event-stream` body as its events. Apart because every streaming wire but one is made of it. */
import { createParser } from 'eventsource-parser';
import { AiError } from '../../domain/ai-error.ts';
import { createUtf8Decoder } from '../../util/utf8-decoder.ts';

/** Most characters of one event; without a limit a single endless line takes all the memory there is. */
const maxEventSize = 256 * 1024;
/** Most events of one stream. An answer of 8 MB in events of 40 bytes has as many. */
const maxEvents = 200_000;

export interface ServerSentEvent {
  readonly data: string;
  /** What kind of event it is, where it says so. */
  readonly event?: string | undefined;
}

/**
 * Yields the events that each chunk completes, where there are any; comments, unknown fields and an unfinished last event
 * are dropped, as the specification says. Pull-based: a chunk is read when the next events are asked for. Rejects with `AiError`
 * of kind `server` when an event or the number of events is beyond reason.
 */
export async function* readServerSentEvents(
  chunks: AsyncIterable<Uint8Array>,
  provider: string,
): AsyncGenerator<readonly ServerSentEvent[], void, undefined> {
  let ready: ServerSentEvent[] = [];
  const decoder = createUtf8Decoder();
  let tooLarge = false;
  let count = 0;
  const parser = createParser({
    maxBufferSize: maxEventSize,
    onEvent: (event) => {
      ready.push(event);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') tooLarge = true;
    },
  });
  const take = (): readonly ServerSentEvent[] => {
    const events = ready;
    ready = [];
    count += events.length;
    if (count > maxEvents) throw beyondReason(provider, `more than ${maxEvents} events`);
    return events;
  };
  let endsInReturn = false;
  for await (const chunk of chunks) {
    if (chunk.byteLength > 0) endsInReturn = chunk.at(-1) === 13;
    parser.feed(decoder.push(chunk));
    if (ready.length > 0) yield take();
    if (tooLarge) throw beyondReason(provider, `an event of more than ${maxEventSize / 1024} KB`);
  }
  // The parser waits for the other half of a line end that has none.
  if (!endsInReturn) return;
  parser.feed('\n');
  if (ready.length > 0) yield take();
}

function beyondReason(provider: string, what: string): AiError {
  return new AiError('server', provider, `The stream has ${what} and was given up.`, { retryable: false });
}
