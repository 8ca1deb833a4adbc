/** Reads a `text/event-stream` body event by event. Apart because every streaming wire but one is made of it. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { AiError } from '../../domain/ai-error.ts';
import { createUtf8Decoder } from '../../util/utf8-decoder.ts';

/** Most characters of one event; without a limit a single endless line takes all the memory there is. */
const maxEventSize = 256 * 1024;
/** Most events of one stream. An answer of 8 MB in events of 40 bytes has as many. */
const maxEvents = 200_000;

export interface ServerSentEvent {
  readonly data: string;
  /** What kind of event it is, where it says so. */
  readonly event: string | undefined;
  /** Whether the next event came in the same piece: whoever passes events on can pass both at once. */
  readonly more: boolean;
}

/**
 * Yields events as they become complete; comments, unknown fields and an unfinished last event are dropped, as the
 * specification says. Pull-based: a chunk is read only when the events before it are used up. Rejects with `AiError`
 * of kind `server` when an event or the number of events is beyond reason.
 */
export async function* readServerSentEvents(
  chunks: AsyncIterable<Uint8Array>,
  provider: string,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const ready: EventSourceMessage[] = [];
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
  /** The next of what was parsed. No generator: one that is made anew for each stream has hidden classes of its own. */
  const next = (): ServerSentEvent | undefined => {
    const found = ready.shift();
    if (found === undefined) return undefined;
    count++;
    if (count > maxEvents) throw beyondReason(provider, `more than ${maxEvents} events`);
    return { data: found.data, event: found.event, more: ready.length > 0 };
  };
  let endsInReturn = false;
  for await (const chunk of chunks) {
    if (chunk.byteLength > 0) endsInReturn = chunk.at(-1) === 13;
    parser.feed(decoder.push(chunk));
    for (let event = next(); event !== undefined; event = next()) yield event;
    if (tooLarge) throw beyondReason(provider, `an event of more than ${maxEventSize / 1024} KB`);
  }
  // The parser waits for the other half of a line end that has none.
  if (!endsInReturn) return;
  parser.feed('\n');
  for (let event = next(); event !== undefined; event = next()) yield event;
}

function beyondReason(provider: string, what: string): AiError {
  return new AiError('server', provider, `The stream has ${what} and was given up.`, { retryable: false });
}
