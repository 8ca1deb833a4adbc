/** Reads an answer of Anthropic's wire to its proper end, and says so where there is none. */
import { AiError, cancelled } from '../../domain/ai-error.ts';
import type { FinishReason } from '../../domain/completion.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Usage } from '../../domain/usage.ts';
import { endedEarly } from '../adapt-streaming.ts';
import { readText } from '../http/bounded-body.ts';
import { parseJson, textMember } from '../http/json.ts';
import { drain, notAnApi, type OpenAnswer } from '../http/open-answer.ts';
import { readServerSentEvents } from '../http/server-sent-events.ts';
import { eventPart, messagePart, type Refusal, type TokenCounts, usageOf, type WirePart } from './convert-response.ts';
import { type ErrorContext, mapStreamError } from './map-error.ts';

export interface WireChunk {
  readonly text: string;
  /** With the last chunk, and only with it. */
  readonly finish?: { readonly reason: FinishReason; readonly model: string; readonly usage?: Usage };
  /** Beside `finish`. */
  readonly refusal?: Refusal;
}

export interface ReadContext extends ErrorContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Pull-based. Rejects with `AiError`: of kind `network` when there is no `message_stop` at the end, `server` when an
 * event is no JSON, the server's own error where it sends one, `cancelled` when the signal is aborted.
 */
export async function* readWireStream(
  answer: OpenAnswer,
  context: ReadContext,
): AsyncGenerator<WireChunk, void, undefined> {
  const provider = context.options.entry.id;
  const type = answer.header('content-type') ?? '';
  if (type.includes('text/html')) throw notAnApi(answer, provider);
  if (type.includes('application/json')) {
    yield await readWireAnswer(answer, context);
    return;
  }
  const events = readServerSentEvents(answer.body, provider);
  let said: WirePart = { text: '', last: false };
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      if (next.value.data === '') continue;
      const part = readEvent(next.value.data, answer, context);
      if (part === undefined) continue;
      said = { ...said, ...part, usage: { ...said.usage, ...part.usage } };
      if (part.text !== '') yield { text: part.text };
      if (part.last) {
        await drain(events, answer, context.clock);
        break;
      }
    }
  } finally {
    await events.return();
  }
  // An SDK or a server may end an aborted stream as if it were whole.
  if (context.signal.aborted) throw cancelled(provider);
  if (!said.last) throw endedEarly(provider);
  yield finished({ ...said, text: '' }, context.model);
}

/** An answer in one piece, as one chunk. Rejects with `AiError` of kind `server` when it is none. */
export async function readWireAnswer(answer: OpenAnswer, context: ReadContext): Promise<WireChunk> {
  const value = parseJson(await readText(answer.body));
  if (textMember(value, 'type') === 'error') throw mapStreamError(value, answer.header, context);
  const part = messagePart(value);
  if (part === undefined) throw notAnApi(answer, context.options.entry.id);
  return finished(part, context.model);
}

function readEvent(data: string, answer: OpenAnswer, context: ReadContext): WirePart | undefined {
  const value = parseJson(data);
  const provider = context.options.entry.id;
  if (value === undefined) throw new AiError('server', provider, `${provider} sent an event that is no JSON.`);
  if (textMember(value, 'type') === 'error') throw mapStreamError(value, answer.header, context);
  return eventPart(value);
}

function finished({ text, finish = 'stop', refusal, usage: counts, model }: WirePart, asked: string): WireChunk {
  const usage = usageOf(counts ?? noCounts);
  return {
    text,
    finish: { reason: finish, model: model ?? asked, ...(usage === undefined ? {} : { usage }) },
    ...(refusal === undefined ? {} : { refusal }),
  };
}

const noCounts: TokenCounts = {};
