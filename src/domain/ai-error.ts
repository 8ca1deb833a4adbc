/** The one error type of provider calls: a kind to act on and a message that tells the user what to do. */

export const aiErrorKinds = [
  'notConfigured',
  'authentication',
  'permission',
  'notFound',
  'invalidRequest',
  'contextLength',
  'rateLimited',
  'quota',
  'overloaded',
  'server',
  'network',
  'timeout',
  'filtered',
  'unsupported',
  'cancelled',
  'circuitOpen',
] as const;

export type AiErrorKind = (typeof aiErrorKinds)[number];

const retryableKinds: ReadonlySet<AiErrorKind> = new Set(['rateLimited', 'overloaded', 'server', 'network', 'timeout']);

export interface AiErrorInit {
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** Milliseconds to wait before asking again, as the provider said it. */
  readonly retryAfter?: number;
  /** The provider's own id of the request, for its support. */
  readonly requestId?: string;
  /** Overrides what the kind implies. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

export class AiError extends Error {
  override readonly name = 'AiError';
  readonly kind: AiErrorKind;
  /** The id of the provider entry, as the settings name it. */
  readonly provider: string;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;

  /** `message` says what happened and what to do next; it never holds a key or document text. */
  constructor(kind: AiErrorKind, provider: string, message: string, init: AiErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.kind = kind;
    this.provider = provider;
    this.retryable = init.retryable ?? retryableKinds.has(kind);
    this.status = init.status;
    this.retryAfter = init.retryAfter;
    this.requestId = init.requestId;
  }
}

/** The error of a call whose signal was aborted. Nobody shows, counts, retries or caches it. */
export function cancelled(provider: string): AiError {
  return new AiError('cancelled', provider, 'The request was cancelled.');
}

/** True for every shape an abort takes: ours, the platform's `AbortError`, an SDK's `APIUserAbortError`. */
export function isCancellation(error: unknown): boolean {
  if (error instanceof AiError) return error.kind === 'cancelled';
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'APIUserAbortError');
}
