/** What Anthropic's servers, or the SDK, throw, as one of our kinds: what the server's words mean. */
import { AiError, type AiErrorKind, cancelled } from '../../domain/ai-error.ts';
import { keyPlace } from '../http/call-headers.ts';
import { failureError, identifier } from '../http/failure-error.ts';
import { knownCause } from '../http/http-failure.ts';
import { member, textMember } from '../http/json.ts';
import type { HeaderReader } from '../http/retry-hints.ts';
import { type AnthropicOptions, keyRule } from './options.ts';

export interface ErrorContext {
  readonly options: AnthropicOptions;
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

/** An `error` event in the middle of a stream that began well: there is no status but what its type says. */
export function mapStreamError(event: unknown, header: HeaderReader, context: ErrorContext): AiError {
  return mapFailure(undefined, event, header, context);
}

/** `{type: "error", error: {type, message, details: {error_code}}, request_id}`. */
function mapFailure(status: number | undefined, body: unknown, header: HeaderReader, context: ErrorContext): AiError {
  const { options, model, wallClock } = context;
  const error = member(body, 'error');
  const type = identifier(textMember(error, 'type'));
  const code = identifier(textMember(member(error, 'details'), 'error_code'));
  const sentence = textMember(error, 'message') ?? '';
  const report = {
    status,
    header,
    kind: kindByWords(type ?? '', sentence, status),
    codes: [type, code, refusedParameter(sentence)],
    requestId: header('request-id') ?? textMember(body, 'request_id'),
  };
  const target = { provider: options.entry.id, model, keyPlace: keyPlace(options.entry, keyRule.variable), wallClock };
  return failureError(report, target);
}

/** What a type means where there is no status to go by, as inside a stream. */
const kindByType: Readonly<Record<string, AiErrorKind>> = {
  invalid_request_error: 'invalidRequest',
  authentication_error: 'authentication',
  billing_error: 'quota',
  permission_error: 'permission',
  not_found_error: 'notFound',
  request_too_large: 'contextLength',
  rate_limit_error: 'rateLimited',
  timeout_error: 'timeout',
  overloaded_error: 'overloaded',
};

function kindByWords(type: string, sentence: string, status: number | undefined): AiErrorKind | undefined {
  const refused = status === undefined || status === 400 || status === 413;
  if (refused && /prompt is too long|exceed\w* (the )?context (limit|window)/i.test(sentence)) return 'contextLength';
  if (status === 400 && /credit balance is too low/i.test(sentence)) return 'quota';
  return status === undefined ? kindByType[type] : undefined;
}

/** `temperature` of "temperature: Extra inputs are not permitted": one of the wire's names, never the sentence. */
function refusedParameter(sentence: string): string | undefined {
  return /^((model|max_tokens|messages|system|stop_sequences|temperature|top_[pk]|service_tier|speed|metadata|(thinking|output_config)(\.[a-z_]{1,20})?)): /.exec(
    sentence,
  )?.[1];
}
