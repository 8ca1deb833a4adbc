/** What the words of a server of OpenAI's wire mean. */
import type { AiErrorKind } from '../../domain/ai-error.ts';
import { type FailureReport, identifier } from '../http/failure-error.ts';
import { member, textMember } from '../http/json.ts';
import type { FailureAnswer } from '../http/wire-calls.ts';

export function failureReport({ status: sent, body, header }: FailureAnswer): FailureReport {
  const status = sent ?? saidStatus(body);
  const words = wordsOf(body);
  return {
    status,
    header,
    kind: kindByWords(words, status),
    codes: [words.code ?? words.type, words.parameter],
    requestId: header('x-request-id') ?? header('request-id') ?? header('mistral-correlation-id'),
  };
}

/** Inside an answer that began well there is no status but what the error says itself. */
function saidStatus(body: unknown): number | undefined {
  const error = member(body, 'error') ?? body;
  const said = ['raw_status_code', 'status', 'code'].map((name) => Number(member(error, name)));
  return said.find((code) => Number.isInteger(code) && code >= 400 && code < 600);
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
