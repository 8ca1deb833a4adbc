/**
 * What a server of OpenAI's wire, or the SDK, throws, as one of our kinds with advice. The server's own sentences are
 * read but not passed on: they may repeat the key or the user's text. Its codes are, where they look like codes.
 */
import { AiError, type AiErrorKind, cancelled } from '../../domain/ai-error.ts';
import { knownCause } from '../http/http-failure.ts';
import { member, textMember } from '../http/json.ts';
import { type HeaderReader, retryAfter } from '../http/retry-hints.ts';
import { keyPlace, type WireOptions } from './wire-options.ts';

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

/** An error object in the middle of a stream that began well: there is no status but what it says itself. */
export function mapStreamError(error: unknown, header: HeaderReader, context: ErrorContext): AiError {
  const code = Number(member(error, 'code') ?? member(error, 'status'));
  const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : undefined;
  return mapFailure(status, { error }, header, context);
}

function mapFailure(status: number | undefined, body: unknown, header: HeaderReader, context: ErrorContext): AiError {
  const { entry } = context.options;
  const words = wordsOf(body);
  const kind = kindByWords(words, status) ?? kindByStatus(status);
  const retry = retryAfter(header, context.wallClock);
  const requestId = identifier(header('x-request-id') ?? header('request-id'), /^[\w.:-]{1,100}$/);
  const reason = [status, words.code ?? words.type, words.parameter].filter((part) => part !== undefined).join(' ');
  const message = `${advice[kind]?.(context) ?? `${entry.id} refused the request.`}${reason === '' ? '' : ` (${reason})`}`;
  return new AiError(kind, entry.id, message, {
    ...(status === undefined ? {} : { status }),
    ...(retry === undefined ? {} : { retryAfter: retry }),
    ...(requestId === undefined ? {} : { requestId }),
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

/** Letters in words: a key, which has digits and mixed case, does not pass for a code. */
function identifier(text: string | undefined, pattern = /^[A-Z]?[a-z]+([_-][a-z]+|[A-Z][a-z]+)*$/): string | undefined {
  return text !== undefined && text.length <= 100 && pattern.test(text) && !/sk-/i.test(text) ? text : undefined;
}

function kindByWords({ code = '', type = '', sentence }: FailureWords, status?: number): AiErrorKind | undefined {
  const words = `${code} ${type}`;
  if (/insufficient_quota|billing|insufficient_balance/.test(words)) return 'quota';
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

const statusKinds: Readonly<Record<number, AiErrorKind>> = {
  401: 'authentication',
  402: 'quota',
  403: 'permission',
  404: 'notFound',
  405: 'notFound',
  407: 'network',
  408: 'timeout',
  413: 'contextLength',
  429: 'rateLimited',
  498: 'overloaded',
  501: 'unsupported',
  503: 'overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'overloaded',
};

function kindByStatus(status: number | undefined): AiErrorKind {
  if (status === undefined) return 'server';
  return statusKinds[status] ?? (status >= 500 ? 'server' : 'invalidRequest');
}

type Advice = (context: ErrorContext) => string;

const advice: Readonly<Partial<Record<AiErrorKind, Advice>>> = {
  authentication: ({ options }) => `${options.entry.id} does not accept the key. Check ${keyPlace(options)}.`,
  permission: ({ options, model }) => `The key of ${options.entry.id} may not use ${model}, or not from here.`,
  notFound: ({ options, model }) => `${options.entry.id} knows no model ${model}, or baseUrl is wrong.`,
  contextLength: ({ model }) => `This is more than ${model} can read. Shorten it, or lower context.maxTokens.`,
  rateLimited: ({ options }) => `${options.entry.id} limits how often it may be asked. Wait a moment.`,
  quota: ({ options }) => `The credit or quota at ${options.entry.id} is used up. Look at its billing page.`,
  overloaded: ({ options }) => `${options.entry.id} is overloaded. Try again in a moment.`,
  server: ({ options }) => `${options.entry.id} had an error of its own. Try again.`,
  timeout: ({ options }) => `${options.entry.id} took too long.`,
  filtered: ({ options }) => `${options.entry.id} filtered the request.`,
  unsupported: ({ options }) => `${options.entry.id} cannot do this.`,
};
