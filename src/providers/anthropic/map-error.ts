/** What the words of Anthropic's servers mean: `{type: "error", error: {type, message, details: {error_code}}, request_id}`. */
import type { AiErrorKind } from '../../domain/ai-error.ts';
import { type FailureReport, identifier } from '../http/failure-error.ts';
import { member, textMember } from '../http/json.ts';
import type { FailureAnswer } from '../http/wire-calls.ts';

export function failureReport({ status, body, header }: FailureAnswer): FailureReport {
  const error = member(body, 'error');
  const type = identifier(textMember(error, 'type'));
  const code = identifier(textMember(member(error, 'details'), 'error_code'));
  const sentence = textMember(error, 'message') ?? '';
  return {
    status,
    header,
    kind: kindByWords(type ?? '', sentence, status),
    codes: [type, code, refusedParameter(sentence)],
    requestId: header('request-id') ?? textMember(body, 'request_id'),
  };
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
