/** An `AiError` as plain JSON, for wires and files, and back. */
import { AiError, type AiErrorKind } from './ai-error.ts';

export interface AiErrorData {
  readonly kind: AiErrorKind;
  readonly provider: string;
  readonly message: string;
  readonly status?: number;
  /** Milliseconds. */
  readonly retryAfter?: number;
  readonly requestId?: string;
}

/** The cause is left out: it may hold anything. */
export function aiErrorData({ kind, provider, message, status, retryAfter, requestId }: AiError): AiErrorData {
  return {
    kind,
    provider,
    message,
    ...(status !== undefined && { status }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** Whether it may be retried follows from the kind again. */
export function aiErrorFromData({ kind, provider, message, ...init }: AiErrorData): AiError {
  return new AiError(kind, provider, message, init);
}
