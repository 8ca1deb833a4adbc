/** What Ollama's errors mean: `{"error": "sentence"}` with hardly a code, so that the sentence has to be looked into. */
import { AiError, type AiErrorKind } from '../../domain/ai-error.ts';
import type { FailureAnswer } from '../http/direct-wire.ts';
import { type FailureTarget, failureError } from '../http/failure-error.ts';
import { member, textMember } from '../http/json.ts';

export function mapFailure({ status, body, header }: FailureAnswer, target: FailureTarget): AiError {
  const error = member(body, 'error');
  const sentence = typeof error === 'string' ? error : (textMember(error, 'message') ?? '');
  const known = knownSentences.find(({ pattern }) => pattern.test(sentence));
  const report = { status, header, kind: known?.kind, codes: [], requestId: header('x-request-id') };
  const mapped = failureError(report, target);
  const advice = known?.advice?.(target) ?? byKind[mapped.kind]?.(target);
  if (advice === undefined) return mapped;
  const reason = status === undefined ? '' : ` (${status})`;
  return new AiError(mapped.kind, target.provider, `${advice}${reason}`, {
    ...(status === undefined ? {} : { status }),
    ...(mapped.retryAfter === undefined ? {} : { retryAfter: mapped.retryAfter }),
    ...(mapped.requestId === undefined ? {} : { requestId: mapped.requestId }),
    retryable: mapped.retryable && known?.lasting !== true,
  });
}

type Advice = (target: FailureTarget) => string;

interface KnownSentence {
  readonly pattern: RegExp;
  readonly kind: AiErrorKind;
  readonly advice?: Advice;
  /** True where asking again changes nothing. */
  readonly lasting?: boolean;
}

const knownSentences: readonly KnownSentence[] = [
  {
    pattern: /does not support insert/,
    kind: 'unsupported',
    advice: ({ model }) => `The template of ${model} takes no suffix.`,
  },
  {
    pattern: /does not support (embed|chat|generate|completion|thinking)/,
    kind: 'unsupported',
    advice: ({ model }) => `The model ${model} cannot do this. Name another one.`,
  },
  { pattern: /context (length|window|size)|too long/, kind: 'contextLength' },
  {
    pattern: /requires more system memory|out of memory|cudaMalloc failed/i,
    kind: 'server',
    advice: ({ model }) => `${model} does not fit into memory. Name a smaller model, or a smaller contextWindow.`,
    lasting: true,
  },
  { pattern: /server busy|maximum pending requests/, kind: 'overloaded' },
];

const byKind: Readonly<Partial<Record<AiErrorKind, Advice>>> = {
  notFound: ({ provider, model }) =>
    `${provider} has no model ${model}. Run \`ollama pull ${model}\`, name one that \`ollama list\` shows, or check baseUrl.`,
};
