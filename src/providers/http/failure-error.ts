/**
 * An HTTP error answer as one of our errors with advice, once a wire has said what its words mean. Apart because the
 * advice is the same whoever answers. A server's own sentences are not passed on: they may repeat the key or the user's
 * text. Its codes are, where they look like codes.
 */
import { AiError, type AiErrorKind } from '../../domain/ai-error.ts';
import { type HeaderReader, retryAfter } from './retry-hints.ts';

export interface FailureReport {
  /** Absent for an error inside a stream that began well. */
  readonly status: number | undefined;
  readonly header: HeaderReader;
  /** What the wire's own words mean; absent: the status decides. */
  readonly kind: AiErrorKind | undefined;
  /** Codes that say more than the status, already looked at by `identifier`. */
  readonly codes: readonly (string | undefined)[];
  /** As the server sent it. */
  readonly requestId: string | undefined;
  /** What the vendor's users should rather read for this kind of error than what is said of everybody's. */
  explain?(kind: AiErrorKind, target: FailureTarget): Explanation | undefined;
}

export interface Explanation {
  readonly sentence: string;
  /** True where asking again changes nothing. */
  readonly lasting?: boolean;
}

/** Who was asked for what, for advice. */
export interface FailureTarget {
  /** The id of the provider entry. */
  readonly provider: string;
  readonly model: string;
  /** Where the key is to be looked at: a variable or a setting. */
  readonly keyPlace: string;
  /** Unix milliseconds. */
  readonly wallClock: number;
}

export function failureError(report: FailureReport, target: FailureTarget): AiError {
  const { status, header } = report;
  const kind = report.kind ?? kindByStatus(status);
  const retry = retryAfter(header, target.wallClock);
  const requestId = identifier(report.requestId, /^[\w.:-]{1,100}$/);
  const own = report.explain?.(kind, target);
  const reason = [status, ...(own === undefined ? report.codes : [])].filter((part) => part !== undefined).join(' ');
  const sentence = own?.sentence ?? advice[kind]?.(target) ?? `${target.provider} refused the request.`;
  return new AiError(kind, target.provider, `${sentence}${reason === '' ? '' : ` (${reason})`}`, {
    ...(status === undefined ? {} : { status }),
    ...(retry === undefined ? {} : { retryAfter: retry }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(own?.lasting === true ? { retryable: false } : {}),
  });
}

/** The text where it fits the pattern, by default letters in words: a key, which has digits and mixed case, is no code. */
export function identifier(
  text: string | undefined,
  pattern = /^[A-Z]?[a-z]+([_-][a-z]+|[A-Z][a-z]+)*$/,
): string | undefined {
  return text !== undefined && text.length <= 100 && pattern.test(text) && !/sk-/i.test(text) ? text : undefined;
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

type Advice = (target: FailureTarget) => string;

const advice: Readonly<Partial<Record<AiErrorKind, Advice>>> = {
  authentication: ({ provider, keyPlace }) => `${provider} does not accept the key. Check ${keyPlace}.`,
  permission: ({ provider, model }) => `The key of ${provider} may not use ${model}, or not from here.`,
  notFound: ({ provider, model }) => `${provider} knows no model ${model}, or baseUrl is wrong.`,
  contextLength: ({ model }) => `This is more than ${model} can read. Shorten it, or lower context.maxTokens.`,
  rateLimited: ({ provider }) => `${provider} limits how often it may be asked. Wait a moment.`,
  quota: ({ provider }) => `The credit or quota at ${provider} is used up. Look at its billing page.`,
  overloaded: ({ provider }) => `${provider} is overloaded. Try again in a moment.`,
  server: ({ provider }) => `${provider} had an error of its own. Try again.`,
  timeout: ({ provider }) => `${provider} took too long.`,
  filtered: ({ provider }) => `${provider} filtered the request.`,
  unsupported: ({ provider }) => `${provider} cannot do this.`,
};
