/** Reads a streamed answer to its proper end, whatever each part looks like, and says so where there is none. */
import { type AiError, cancelled } from '../../domain/ai-error.ts';
import type { FinishReason } from '../../domain/completion.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Usage } from '../../domain/usage.ts';
import { endedEarly } from '../adapt-streaming.ts';
import { drain, notAnApi, type OpenAnswer } from './open-answer.ts';
import type { HeaderReader } from './retry-hints.ts';

/** What one part of a stream says. */
export interface AnswerPart {
  readonly text: string;
  readonly finish?: FinishReason;
  readonly usage?: Usage;
  readonly model?: string;
  /** True where the wire promises that nothing of meaning follows. */
  readonly last?: boolean;
}

export interface AnswerChunk {
  readonly text: string;
  /** With the last chunk, and only with it. */
  readonly finish?: { readonly reason: FinishReason; readonly model: string; readonly usage?: Usage };
}

/** How a wire streams. */
export interface StreamFormat {
  /** The body's parts as JSON. */
  values(body: AsyncIterable<Uint8Array>, provider: string): AsyncGenerator<unknown, void, undefined>;
  /** `undefined` where the value means nothing to us. */
  partOf(value: unknown): AnswerPart | undefined;
  /** The error that the value reports; `undefined` where it reports none. */
  errorOf(value: unknown): unknown;
}

export interface AnswerContext {
  readonly provider: string;
  /** The model asked, for answers that do not name one. */
  readonly model: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The error an error inside the stream means. */
  streamError(error: unknown, header: HeaderReader): AiError;
}

/**
 * Pull-based. Rejects with `AiError`: of kind `network` when the stream ends without a finish reason, `server` when
 * something in it is not of the wire, the server's own error where it sends one, `cancelled` when the signal is aborted.
 */
export async function* readAnswer(
  answer: OpenAnswer,
  format: StreamFormat,
  context: AnswerContext,
): AsyncGenerator<AnswerChunk, void, undefined> {
  const { provider, signal } = context;
  if (answer.header('content-type')?.includes('text/html')) throw notAnApi(answer, provider);
  const values = format.values(answer.body, provider);
  let { model } = context;
  let reason: FinishReason | undefined;
  let usage: Usage | undefined;
  try {
    for (let next = await values.next(); next.done !== true; next = await values.next()) {
      const error = format.errorOf(next.value);
      if (error !== undefined && error !== null) throw context.streamError(error, answer.header);
      const part = format.partOf(next.value);
      if (part === undefined) continue;
      model = part.model ?? model;
      reason = part.finish ?? reason;
      usage = part.usage ?? usage;
      if (part.text !== '') yield { text: part.text };
      if (part.last !== true) continue;
      await drain(values, answer, context.clock);
      break;
    }
  } finally {
    await values.return();
  }
  if (signal.aborted) throw cancelled(provider);
  if (reason === undefined) throw endedEarly(provider);
  yield { text: '', finish: { reason, model, ...(usage === undefined ? {} : { usage }) } };
}
