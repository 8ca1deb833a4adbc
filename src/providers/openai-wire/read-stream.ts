/** Reads a streamed answer of OpenAI's wire to its proper end, and says so where there is none. */
import { AiError, cancelled } from '../../domain/ai-error.ts';
import type { FinishReason } from '../../domain/completion.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Usage } from '../../domain/usage.ts';
import { endedEarly } from '../adapt-streaming.ts';
import { readText } from '../http/bounded-body.ts';
import { member, parseJson, textMember } from '../http/json.ts';
import { drain, notAnApi, type OpenAnswer } from '../http/open-answer.ts';
import { readServerSentEvents } from '../http/server-sent-events.ts';
import { wirePart } from './convert-response.ts';
import { type ErrorContext, mapStreamError } from './map-error.ts';

export interface WireChunk {
  readonly text: string;
  readonly refusal: string;
  /** With the last chunk, and only with it. */
  readonly finish?: { readonly reason: FinishReason; readonly model: string; readonly usage?: Usage };
}

export interface ReadContext extends ErrorContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Pull-based; text that came in one piece is one chunk, because every layer above takes its time for each. Rejects with `AiError`: of kind `network` when there is neither a finish reason nor `[DONE]` at the end,
 * `server` when an event is no JSON, the server's own error where it sends one, `cancelled` when the signal is aborted.
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
  let model = context.model;
  let reason: FinishReason | undefined;
  let usage: Usage | undefined;
  let marked = false;
  let refused = false;
  let held: WireChunk | undefined;
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      const { data, event, more } = next.value;
      if (data === '[DONE]') {
        marked = true;
        if (held !== undefined) yield held;
        held = undefined;
        await drain(events, answer, context.clock);
        break;
      }
      if (data === '') continue;
      const value = parseJson(data);
      if (value === undefined) throw new AiError('server', provider, `${provider} sent an event that is no JSON.`);
      if (event === 'error' || isError(value)) throw mapStreamError(value, answer.header, context);
      const part = wirePart(value);
      if (part === undefined) continue;
      if (part.failed) throw mapStreamError(value, answer.header, context);
      model = part.model ?? model;
      reason = part.finish ?? reason;
      usage = part.usage ?? usage;
      refused ||= part.refusal !== '';
      held = joined(held, part);
      if (held === undefined || more) continue;
      yield held;
      held = undefined;
    }
    if (held !== undefined) yield held;
  } catch (error) {
    if (held !== undefined) yield held;
    throw error;
  } finally {
    await events.return();
  }
  // An SDK or a server may end an aborted stream as if it were whole.
  if (context.signal.aborted) throw cancelled(provider);
  if (reason === undefined && !marked) throw endedEarly(provider);
  yield finished(refused ? 'filtered' : (reason ?? 'stop'), model, usage);
}

/** Nothing where neither says anything. */
function joined(
  held: WireChunk | undefined,
  { text, refusal }: Pick<WireChunk, 'text' | 'refusal'>,
): WireChunk | undefined {
  if (text === '' && refusal === '') return held;
  return { text: (held?.text ?? '') + text, refusal: (held?.refusal ?? '') + refusal };
}

/** An answer in one piece, as one chunk. Rejects with `AiError` of kind `server` when it is none. */
export async function readWireAnswer(answer: OpenAnswer, context: ReadContext): Promise<WireChunk> {
  const provider = context.options.entry.id;
  const value = parseJson(await readText(answer.body));
  if (isError(value)) throw mapStreamError(value, answer.header, context);
  const part = wirePart(value);
  if (part === undefined) throw notAnApi(answer, provider);
  if (part.failed) throw mapStreamError(value, answer.header, context);
  const { text, refusal, finish, model, usage } = part;
  return { ...finished(finish ?? 'stop', model ?? context.model, usage), text, refusal };
}

/** Most servers put it under `error`; Mistral sends it bare and calls it one. */
function isError(value: unknown): boolean {
  return (member(value, 'error') ?? null) !== null || textMember(value, 'object') === 'error';
}

function finished(reason: FinishReason, model: string, usage: Usage | undefined): WireChunk {
  return { text: '', refusal: '', finish: { reason, model, ...(usage === undefined ? {} : { usage }) } };
}
