/** Reads an answer to its proper end, whatever each part looks like, and says so where there is none. */
import { type AiError, cancelled } from '../../domain/ai-error.ts';
import type { FinishReason } from '../../domain/completion.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Usage } from '../../domain/usage.ts';
import { endedEarly } from '../adapt-streaming.ts';
import { readText } from './bounded-body.ts';
import { parseJson } from './json.ts';
import { drain, notAnApi, type OpenAnswer } from './open-answer.ts';
import type { HeaderReader } from './retry-hints.ts';

/** What one part of a stream, or a whole answer, says. */
export interface AnswerPart {
  /** New text; thoughts are none. */
  readonly text: string;
  /** The model's words for not answering: part of a chat, but no code. */
  readonly refusal?: string;
  /** Why the answer was kept back or ended by a filter, in few words. */
  readonly filter?: string;
  readonly finish?: FinishReason;
  /** Of everything so far. */
  readonly usage?: Usage;
  readonly model?: string;
  /** True where the wire promises that nothing of meaning follows. */
  readonly last?: boolean;
}

export interface AnswerChunk {
  readonly text: string;
  readonly refusal?: string;
  /** With the last chunk, and only with it. */
  readonly finish?: { readonly reason: FinishReason; readonly model: string; readonly usage?: Usage };
  /** Beside `finish`. */
  readonly filter?: string;
}

/** How a wire answers. */
export interface AnswerFormat {
  /** The body's parts as JSON, those that came in one piece together. Each is read when it is asked for: an error is met in its turn. */
  values(body: AsyncIterable<Uint8Array>, provider: string): AsyncGenerator<Iterable<unknown>, void, undefined>;
  /** `undefined` where the value means nothing to us. */
  partOf(value: unknown): AnswerPart | undefined;
  /** Whether the value reports an error, as an error answer would. */
  isError(value: unknown): boolean;
  /** Whether a stream that said this was whole. Absent: there has to be a finish reason. */
  isWhole?(said: AnswerPart): boolean;
  /** An answer in one piece, which comes instead of a stream too; `undefined` where the value is none. Absent: streams only. */
  wholeOf?(value: unknown): AnswerPart | undefined;
}

export interface AnswerContext {
  readonly provider: string;
  /** The model asked, for answers that do not name one. */
  readonly model: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The error that a value inside an answer means. */
  answerError(value: unknown, header: HeaderReader): AiError;
}

/**
 * Pull-based; text that came in one piece is one chunk, because every layer above takes its time for each. Rejects with
 * `AiError`: of kind `network` when the stream ends before the answer is whole, `server` when something in it is not of
 * the wire, the server's own error where it sends one, `cancelled` when the signal is aborted.
 */
export async function* readAnswer(
  answer: OpenAnswer,
  format: AnswerFormat,
  context: AnswerContext,
): AsyncGenerator<AnswerChunk, void, undefined> {
  const { provider } = context;
  const type = answer.header('content-type') ?? '';
  if (type.includes('text/html')) throw notAnApi(answer, provider);
  if (format.wholeOf !== undefined && type.includes('application/json')) {
    yield await readWholeAnswer(answer, format, context);
    return;
  }
  const pieces = format.values(answer.body, provider);
  const said: AnswerPart = { text: '' };
  let isOurs = false;
  for await (const values of pieces) {
    const { part, failure } = joinedPart(values, format, (value) => context.answerError(value, answer.header));
    if (part !== undefined) {
      isOurs = true;
      // Neither here nor below a spread that more is added to: V8 makes hidden classes anew each time.
      Object.assign(said, part);
      const { text, refusal = '' } = part;
      if (text !== '' || refusal !== '') yield refusal === '' ? { text } : { text, refusal };
    }
    if (failure !== undefined) throw failure;
    if (part?.last !== true) continue;
    await drain(pieces, answer, context.clock);
    break;
  }
  // An SDK or a server may end an aborted stream as if it were whole.
  if (context.signal.aborted) throw cancelled(provider);
  if (!isOurs && isNoStream(type)) throw notAnApi(answer, provider);
  if (!isWhole(format, said)) throw endedEarly(provider);
  yield { text: '', ...ending(said, context) };
}

/** What has another type and held nothing of the wire was never a stream; what has none may be one that broke off. */
function isNoStream(type: string): boolean {
  return type !== '' && !/event-stream|ndjson|jsonl/.test(type);
}

/** An answer in one piece, as one chunk. Rejects like `readAnswer`. */
export async function readWholeAnswer(
  answer: OpenAnswer,
  format: AnswerFormat,
  context: AnswerContext,
): Promise<AnswerChunk> {
  const value = parseJson(await readText(answer.body));
  if (format.isError(value)) throw context.answerError(value, answer.header);
  const part = (format.wholeOf ?? format.partOf)(value);
  if (part === undefined) throw notAnApi(answer, context.provider);
  if (!isWhole(format, { last: true, ...part })) throw endedEarly(context.provider);
  const { text, refusal = '' } = part;
  return { text, ...(refusal === '' ? {} : { refusal }), ...ending(part, context) };
}

/** What came in one piece as one part; before a failure, what came before it. */
function joinedPart(
  values: Iterable<unknown>,
  format: AnswerFormat,
  errorOf: (value: unknown) => AiError,
): { readonly part: AnswerPart | undefined; readonly failure?: unknown } {
  let part: AnswerPart | undefined;
  try {
    for (const value of values) {
      if (format.isError(value)) throw errorOf(value);
      part = joined(part, format.partOf(value));
      if (part?.last === true) break;
    }
  } catch (failure) {
    return { part, failure };
  }
  return { part };
}

function joined(held: AnswerPart | undefined, part: AnswerPart | undefined): AnswerPart | undefined {
  if (held === undefined || part === undefined) return held ?? part;
  const refusal = (held.refusal ?? '') + (part.refusal ?? '');
  const text = held.text + part.text;
  return Object.assign({ text }, held, part, refusal === '' ? { text } : { text, refusal });
}

function isWhole(format: AnswerFormat, said: AnswerPart): boolean {
  return format.isWhole?.(said) ?? said.finish !== undefined;
}

/** What a model refused to say is no natural end, whatever the server calls it. */
function ending(
  { finish = 'stop', refusal = '', filter, model, usage }: AnswerPart,
  asked: AnswerContext,
): Omit<AnswerChunk, 'text' | 'refusal'> {
  const reason = refusal === '' ? finish : 'filtered';
  return {
    finish: { reason, model: model ?? asked.model, ...(usage === undefined ? {} : { usage }) },
    ...(filter === undefined ? {} : { filter }),
  };
}
