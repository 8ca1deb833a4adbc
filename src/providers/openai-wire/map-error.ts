/** What a server of OpenAI's wire, or the SDK, throws, as one of our kinds: what the server's words mean. */
import { AiError, type AiErrorKind, cancelled } from '../../domain/ai-error.ts';
import { keyPlace } from '../http/call-headers.ts';
import { failureError, identifier } from '../http/failure-error.ts';
import { knownCause } from '../http/http-failure.ts';
import { member, textMember } from '../http/json.ts';
import type { HeaderReader } from '../http/retry-hints.ts';
import type { WireOptions } from './wire-options.ts';

export interface ErrorContext {
  readonly options: WireOptions;
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

/** An error where an answer should be, after a head that began well: there is no status but what it says itself. */
export function mapStreamError(body: unknown, header: HeaderReader, context: ErrorContext): AiError {
  const error = member(body, 'error') ?? body;
  const said = ['raw_status_code', 'status', 'code'].map((name) => Number(member(error, name)));
  const status = said.find((code) => Number.isInteger(code) && code >= 400 && code < 600);
  return mapFailure(status, body, header, context);
}

function mapFailure(status: number | undefined, body: unknown, header: HeaderReader, context: ErrorContext): AiError {
  const { options, model, wallClock } = context;
  const words = wordsOf(body);
  const report = {
    status,
    header,
    kind: kindByWords(words, status),
    codes: [words.code ?? words.type, words.parameter],
    requestId: header('x-request-id') ?? header('request-id') ?? header('mistral-correlation-id'),
  };
  return failureError(report, {
    provider: options.entry.id,
    model,
    keyPlace: keyPlace(options.entry, options.keyRule.variable),
    wallClock,
  });
}

interface FailureWords {
  readonly code?: string;
  readonly type?: string;
  readonly parameter?: string;
  /** For looking into, never for showing. */
  readonly sentence: string;
}

/** `{error: {message, type, param, code}}`, and what other servers make of it: a string, or the fields at the top. */
function wordsOf(body: unknown): FailureWords {
  const error = member(body, 'error') ?? body;
  const code = identifier(textMember(error, 'code') ?? textMember(body, 'code'));
  const type = identifier(textMember(error, 'type'));
  const parameter = identifier(textMember(error, 'param'), /^[a-z_]{1,40}(\.[a-z_]{1,40})?$/);
  return {
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    ...(parameter === undefined ? {} : { parameter }),
    sentence: typeof error === 'string' ? error : (textMember(error, 'message') ?? ''),
  };
}

function kindByWords({ code = '', type = '', sentence }: FailureWords, status?: number): AiErrorKind | undefined {
  const words = `${code} ${type}`;
  if (/insufficient_quota|billing|insufficient_balance/.test(words)) return 'quota';
  // xAI says these two in sentences only, a wrong key with status 400 and spent credits with 403 or 429.
  if (/^(incorrect|invalid) api key/i.test(sentence)) return 'authentication';
  if (/have any credits|used all available credits|spending limit/i.test(sentence)) return 'quota';
  if (/capacity_exceeded/.test(words)) return 'overloaded';
  if (/context_length|string_above_max/.test(words)) return 'contextLength';
  if (/content_filter|content_policy|moderation/.test(words)) return 'filtered';
  const refused = status === undefined || status === 400 || status === 413 || status === 422;
  if (refused && /context (length|window|size)|prompt is too long|too many tokens/i.test(sentence)) {
    return 'contextLength';
  }
  if (status !== undefined) return undefined;
  if (/rate_limit|rate_limited/.test(words)) return 'rateLimited';
  if (/overloaded|unavailable/.test(words)) return 'overloaded';
  if (/invalid_request/.test(words)) return 'invalidRequest';
  return undefined;
}
