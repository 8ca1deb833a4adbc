/** Reads Gemini's answers, streamed and whole, to their proper end, and says so where there is none. */
import { AiError, cancelled } from '../../domain/ai-error.ts';
import type { FinishReason } from '../../domain/completion.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Usage } from '../../domain/usage.ts';
import { endedEarly } from '../adapt-streaming.ts';
import { readText } from '../http/bounded-body.ts';
import { member, parseJson } from '../http/json.ts';
import { drain, notAnApi, type OpenAnswer } from '../http/open-answer.ts';
import { readServerSentEvents } from '../http/server-sent-events.ts';
import { type GeminiPart, geminiPart } from './convert-response.ts';
import { type ErrorContext, mapStreamError } from './map-error.ts';
import { explainFilter, mapFinishReason } from './map-finish-reason.ts';

export interface GeminiChunk {
  readonly text: string;
  /** With the last chunk, and only with it. */
  readonly finish?: { readonly reason: FinishReason; readonly model: string; readonly usage?: Usage };
  /** Which filter ended the answer, for the user; beside `finish`. */
  readonly filter?: string;
}

export interface ReadContext extends ErrorContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Pull-based. Rejects with `AiError`: of kind `network` when there is no finish reason at the end, `filtered` when the
 * prompt was blocked, `server` when an event is no JSON, Gemini's own error where it sends one, `cancelled` when the
 * signal is aborted.
 */
export async function* readStream(
  answer: OpenAnswer,
  context: ReadContext,
): AsyncGenerator<GeminiChunk, void, undefined> {
  const provider = context.options.entry.id;
  const type = answer.header('content-type') ?? '';
  if (type.includes('text/html')) throw notAnApi(answer, provider);
  if (type.includes('application/json')) {
    yield await readWhole(answer, context);
    return;
  }
  let last: GeminiPart = { text: '' };
  for await (const data of eventsUntil(() => last.finishReason !== undefined, answer, context)) {
    const value = parseJson(data);
    if (value === undefined) throw new AiError('server', provider, `${provider} sent an event that is no JSON.`);
    throwIfError(value, answer, context);
    const part = geminiPart(value);
    if (part === undefined) continue;
    throwIfBlocked(part, provider);
    last = { ...last, ...part };
    if (part.text !== '') yield { text: part.text };
  }
  // A server may end an aborted stream as if it were whole.
  if (context.signal.aborted) throw cancelled(provider);
  if (last.finishReason === undefined) throw endedEarly(provider);
  yield { ...ending(last, context), text: '' };
}

/** An answer in one piece, as one chunk. Rejects like `readStream`. */
export async function readWhole(answer: OpenAnswer, context: ReadContext): Promise<GeminiChunk> {
  const provider = context.options.entry.id;
  const value = parseJson(await readText(answer.body));
  throwIfError(value, answer, context);
  const part = geminiPart(value);
  if (part === undefined) throw notAnApi(answer, provider);
  throwIfBlocked(part, provider);
  if (part.finishReason === undefined) throw endedEarly(provider);
  return { ...ending(part, context), text: part.text };
}

/** The data of the events that have some, up to the event after which the answer is `ended`. */
async function* eventsUntil(
  ended: () => boolean,
  answer: OpenAnswer,
  { clock, options }: ReadContext,
): AsyncGenerator<string, void, undefined> {
  const events = readServerSentEvents(answer.body, options.entry.id);
  try {
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      if (next.value.data !== '') yield next.value.data;
      if (ended()) await drain(events, answer, clock);
    }
  } finally {
    await events.return();
  }
}

function throwIfError(value: unknown, answer: OpenAnswer, context: ReadContext): void {
  const error = member(Array.isArray(value) ? value[0] : value, 'error');
  if (error !== undefined && error !== null) throw mapStreamError(error, answer.header, context);
}

function throwIfBlocked({ blockReason }: GeminiPart, provider: string): void {
  if (blockReason !== undefined) throw filtered(provider, 'the prompt', explainFilter(blockReason, provider));
}

/** The error of an answer that was kept back whole. */
export function filtered(provider: string, what: string, filter: string): AiError {
  return new AiError('filtered', provider, `${provider} blocked ${what} (${filter}).`);
}

function ending(part: GeminiPart, context: ReadContext): Omit<GeminiChunk, 'text'> {
  const word = part.finishReason ?? 'STOP';
  const reason = mapFinishReason(word);
  const { model = context.model, usage } = part;
  return {
    finish: { reason, model, ...(usage === undefined ? {} : { usage }) },
    ...(reason === 'filtered' ? { filter: explainFilter(word, context.options.entry.id) } : {}),
  };
}
