/** What Google's words mean. Its sentences are read and not passed on, because they may repeat the key or the user's text. */
import type { AiErrorKind } from '../../domain/ai-error.ts';
import { type FailureReport, identifier } from '../http/failure-error.ts';
import { listMember, numberMember, textMember } from '../http/json.ts';
import { goDuration } from '../http/retry-hints.ts';
import type { FailureAnswer } from '../http/wire-calls.ts';
import { blockReason, errorMember } from './convert-response.ts';
import { explainFilter } from './map-finish-reason.ts';

export function failureReport({ status: sent, body, header }: FailureAnswer): FailureReport {
  const status = sent ?? saidStatus(body);
  const words = wordsOf(body);
  const blocked = blockReason(body);
  return {
    status,
    // The time to wait is in the body; Google sends no such header.
    header: (name) => (name === 'retry-after-ms' ? words.retryDelay : undefined) ?? header(name),
    kind: blocked === undefined ? kindByWords(words, status) : 'filtered',
    codes: [words.reason ?? words.status, words.field, words.daily ? 'a quota per day' : undefined],
    requestId: header('x-request-id'),
    explain: (_, { provider }) =>
      blocked === undefined
        ? undefined
        : { sentence: `${provider} blocked the prompt (${explainFilter(blocked, provider)}).` },
  };
}

/** Inside an answer that began well the error's own code is its status. */
function saidStatus(body: unknown): number | undefined {
  const code = numberMember(errorMember(body), 'code');
  return code !== undefined && code >= 400 && code < 600 ? code : undefined;
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
  const error = errorMember(body);
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
