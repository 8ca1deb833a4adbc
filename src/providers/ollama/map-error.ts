/** What Ollama's errors mean: `{"error": "sentence"}` with hardly a code, so that the sentence has to be looked into. */
import type { AiErrorKind } from '../../domain/ai-error.ts';
import type { FailureReport, FailureTarget } from '../http/failure-error.ts';
import { member, textMember } from '../http/json.ts';
import type { FailureAnswer } from '../http/wire-calls.ts';

export function failureReport({ status, body, header }: FailureAnswer): FailureReport {
  const error = member(body, 'error');
  const sentence = typeof error === 'string' ? error : (textMember(error, 'message') ?? '');
  const known = knownSentences.find(({ pattern }) => pattern.test(sentence));
  return {
    status,
    header,
    kind: known?.kind,
    codes: [],
    requestId: header('x-request-id'),
    explain(kind, target) {
      const advice = (known?.advice ?? byKind[kind])?.(target);
      return advice === undefined ? undefined : { sentence: advice, lasting: known?.lasting === true };
    },
  };
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
