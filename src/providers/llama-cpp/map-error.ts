/** What the errors of llama.cpp's server mean: `{"error": {code, message, type}}`, where the type says most. */
import type { AiErrorKind } from '../../domain/ai-error.ts';
import { type FailureReport, type FailureTarget, identifier } from '../http/failure-error.ts';
import { member, numberMember, textMember } from '../http/json.ts';
import type { FailureAnswer } from '../http/wire-calls.ts';

export function failureReport({ status: sent, body, header }: FailureAnswer): FailureReport {
  const error = member(body, 'error');
  const code = numberMember(error, 'code');
  const status = sent ?? (code !== undefined && code >= 400 && code < 600 ? code : undefined);
  const type = identifier(textMember(error, 'type'));
  const sentence = textMember(error, 'message') ?? '';
  return {
    status,
    header,
    kind: typeKinds[type ?? ''],
    codes: [type],
    requestId: header('x-request-id'),
    explain(kind, target) {
      // Trying again at once would find it loading still.
      if (kind === 'overloaded' && /loading model/i.test(sentence))
        return { sentence: stillLoading(target), lasting: true };
      const advice = adviceFor(kind, sentence, target);
      return advice === undefined ? undefined : { sentence: advice };
    },
  };
}

function stillLoading({ provider }: FailureTarget): string {
  return `${provider} is loading its model. It answers once that is done.`;
}

const typeKinds: Readonly<Record<string, AiErrorKind>> = {
  exceed_context_size_error: 'contextLength',
  not_supported_error: 'unsupported',
  unavailable_error: 'overloaded',
  authentication_error: 'authentication',
};

function adviceFor(kind: AiErrorKind, sentence: string, { provider, model }: FailureTarget): string | undefined {
  if (kind === 'unsupported' && /embedding/i.test(sentence)) return pooledEmbeddings(provider);
  if (kind === 'unsupported' && /infill/i.test(sentence)) return `${model} of ${provider} has no tokens for infill.`;
  if (kind === 'contextLength') {
    return `This is more than a slot of ${provider} can hold. Shorten it, lower context.maxTokens, or start llama-server with a larger --ctx-size.`;
  }
  return undefined;
}

export function pooledEmbeddings(provider: string): string {
  return `${provider} makes no embeddings as it runs now. Start llama-server with --embeddings --pooling mean.`;
}
