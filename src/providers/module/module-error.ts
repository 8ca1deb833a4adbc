/** What a user's module throws, as one of our kinds. Modules know nothing of our classes: they say the kind in a member. */
import { AiError, type AiErrorInit, type AiErrorKind, aiErrorKinds, cancelled } from '../../domain/ai-error.ts';
import { placeOf } from '../../util/error-place.ts';
import { knownCause } from '../http/http-failure.ts';
import { numberMember, textMember } from '../http/json.ts';

const longestMessage = 300;

/**
 * An error with a `kind` of ours is taken at its word, message, `status` and `retryAfter` included. Of every other one
 * only its name and place are told: its message may hold anything, the user's text or key among it.
 */
export function moduleError(thrown: unknown, signal: AbortSignal, provider: string): AiError {
  if (signal.aborted) return cancelled(provider);
  const known = knownCause(thrown);
  if (known instanceof AiError) return known;
  return saidKind(thrown, provider) ?? networkKind(thrown, provider) ?? bug(thrown, provider);
}

function saidKind(thrown: unknown, provider: string): AiError | undefined {
  const said = textMember(thrown, 'kind');
  const kind = aiErrorKinds.find((one) => one === said && one !== 'cancelled');
  if (kind === undefined) return undefined;
  const message = textMember(thrown, 'message')?.replace(/\s+/g, ' ').slice(0, longestMessage);
  return new AiError(kind, provider, message || `The module of ${provider} reports ${kind}.`, detailsOf(thrown));
}

function detailsOf(thrown: unknown): AiErrorInit {
  const status = numberMember(thrown, 'status');
  const retryAfter = numberMember(thrown, 'retryAfter');
  return {
    ...(status === undefined ? {} : { status }),
    ...(retryAfter === undefined || retryAfter < 0 ? {} : { retryAfter }),
  };
}

const networkKinds: Readonly<Record<string, AiErrorKind>> = {
  ECONNREFUSED: 'network',
  ECONNRESET: 'network',
  EPIPE: 'network',
  ENOTFOUND: 'network',
  EAI_AGAIN: 'network',
  EHOSTUNREACH: 'network',
  ENETUNREACH: 'network',
  UND_ERR_SOCKET: 'network',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  TimeoutError: 'timeout',
};

/** What the platform throws where a module uses the network by itself. */
function networkKind(thrown: unknown, provider: string): AiError | undefined {
  let error: unknown = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth++) {
    const code = textMember(error, 'code') ?? error.name;
    const kind = networkKinds[code];
    if (kind !== undefined) {
      return new AiError(kind, provider, `The module of ${provider} did not reach its server (${code}).`);
    }
    error = error.cause;
  }
  return undefined;
}

function bug(thrown: unknown, provider: string): AiError {
  const place = thrown instanceof Error ? placeOf(thrown) : undefined;
  const name = thrown instanceof Error ? thrown.constructor.name : `a thrown ${typeof thrown}`;
  const message = `The module of ${provider} failed: ${name}${place === undefined ? '' : ` at ${place}`}.`;
  return new AiError('server', provider, message, { retryable: false });
}
