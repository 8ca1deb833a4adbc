/** What a failure says about the provider, where the kind alone does not tell. */
import { expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import { classify } from '../../src/resilience/failure.ts';

const never = new AbortController().signal;

test('a server that loads its model is not in trouble, one that is overloaded is', () => {
  expect(classify(new AiError('overloaded', 'p', 'm'), never)).toBe('sick');
  expect(classify(new AiError('overloaded', 'p', 'm', { retryable: false }), never)).toBe('limited');
});
