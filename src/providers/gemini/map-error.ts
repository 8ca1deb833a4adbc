/**
 * What Gemini's API or its SDK throws, as one of our kinds: what Google's words mean. Its sentences are read
 * and not passed on, because they may repeat the key or the user's text.
 */
import { AiError, type AiErrorKind, cancelled } from '../../domain/ai-error.ts';
import { keyPlace } from '../http/call-headers.ts';
import { failureError, identifier } from '../http/failure-error.ts';
import { knownCause } from '../http/http-failure.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import { goDuration, type HeaderReader } from '../http/retry-hints.ts';
import { type GeminiOptions, keyRule } from './gemini-options.ts';

export interface ErrorContext {
  readonly options: GeminiOptions;
  readonly model: string;
  /** Unix milliseconds. */
  readonly wallClock: number;
}

/** What a call threw. The SDK wraps what our `fetch` throws; the cause is what counts. */
export function mapThrown(thrown: unknown, signal: AbortSignal, context: ErrorContext): AiError {
  const { id } = context.options.entry;
  if (signal.aborted) return cancelled(id);
  const known = knownCause(thrown);
  if (known instanceof AiError) return known;
  if (known !== undefined) return mapFailure(known.status, known.body, known.header, context);
  const name = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
  return new AiError('server', id, `${id} gave an answer that could not be understood (${name}).`);
}

/** An error object in the middle of a stream that began well: its own code is its status. */
export function mapStreamError(error: unknown, header: HeaderReader, context: ErrorContext): AiError {
  const code = numberMember(error, 'code');
  const status = code !== undefined && code >= 400 && code < 600 ? code : undefined;
  return mapFailure(status, { error }, header, context);
}

function mapFailure(status: number | undefined, body: unknown, header: HeaderReader, context: ErrorContext): AiError {
  const { options, model, wallClock } = context;
  const words = wordsOf(body);
  const report = {
    status,
    // The time to wait is in the body; Google sends no such header.
    header: (name: string) => (name === 'retry-after-ms' ? words.retryDelay : undefined) ?? header(name),
    kind: kindByWords(words, status),
    codes: [words.reason ?? words.status, words.field, words.daily ? 'a quota per day' : undefined],
    requestId: header('x-request-id'),
  };
  return failureError(report, {
    provider: options.entry.id,
    model,
    keyPlace: keyPlace(options.entry, keyRule.variable),
    wallClock,
  });
}

interface FailureWords {
  /** For example `RESOURCE_EXHAUSTED`. */
  readonly status?: string;
  /** For example `API_KEY_INVALID`. */
  readonly reason?: string;
  /** For example `generation_config.temperature`. */
  readonly field?: string;
  /** Milliseconds, as a header would say it. */
  readonly retryDelay?: string;
  /** Whether an allowance of a whole day is used up. */
  readonly daily: boolean;
  /** For looking into, never for showing. */
  readonly sentence: string;
}

const upperCaseWord = /^[A-Z]{2,}(_[A-Z]+)*$/;

/** `{error: {code, message, status, details}}`; the OpenAI-like layer of the same address puts it into a list. */
function wordsOf(body: unknown): FailureWords {
  const error = member(Array.isArray(body) ? body[0] : body, 'error');
  const details = listMember(error, 'details');
  const violations = details.flatMap((one) => listMember(one, 'violations'));
  const fields = details.flatMap((one) => listMember(one, 'fieldViolations'));
  const first = (name: string, list: readonly unknown[]) =>
    list.map((one) => textMember(one, name)).find((text) => text !== undefined);
  const status = identifier(textMember(error, 'status'), upperCaseWord);
  const reason = identifier(first('reason', details), upperCaseWord);
  const field = identifier(first('field', fields), /^[a-z_]{1,40}(\.[a-z_]{1,40}){0,3}$/);
  const delay = goDuration(first('retryDelay', details));
  return {
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
    ...(field === undefined ? {} : { field }),
    ...(delay === undefined ? {} : { retryDelay: String(Math.round(delay)) }),
    daily: violations.some((one) => /per_?day/i.test(textMember(one, 'quotaId') ?? '')),
    sentence: textMember(error, 'message') ?? '',
  };
}

const statusWords: Readonly<Record<string, AiErrorKind>> = {
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'notFound',
  INVALID_ARGUMENT: 'invalidRequest',
  RESOURCE_EXHAUSTED: 'rateLimited',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
  UNIMPLEMENTED: 'unsupported',
};

function kindByWords(words: FailureWords, httpStatus: number | undefined): AiErrorKind | undefined {
  const { status = '', reason = '', sentence, daily } = words;
  if (/^API_KEY_(INVALID|EXPIRED)$/.test(reason)) return 'authentication';
  if (reason.startsWith('API_KEY_')) return 'permission';
  if (daily || /BILLING/.test(reason)) return 'quota';
  if (httpStatus === 429 && /billing account|credits are depleted|spend(ing)? (cap|limit)/i.test(sentence))
    return 'quota';
  // The region is not served, or the free tier is not offered there.
  if (status === 'FAILED_PRECONDITION') return 'permission';
  const refused = httpStatus === undefined || httpStatus === 400 || httpStatus === 422;
  if (refused && /api key (not valid|expired)/i.test(sentence)) return 'authentication';
  if (refused && /token count|number of (input )?tokens|context (length|window)|payload size/i.test(sentence)) {
    return 'contextLength';
  }
  return httpStatus === undefined ? statusWords[status] : undefined;
}
