/** The table of models: which row a name falls into. */
import { expect, test } from 'vitest';
import { modelFacts } from '../../src/providers/models.ts';

test.each([
  ['gpt-6-luna', 'none', 'withoutThinking', 'none'],
  ['gpt-6-luna-2026-10-01', 'none', 'withoutThinking', 'none'],
  ['gpt-6.1-terra', 'none', 'withoutThinking', 'none'],
  ['gpt-6.1-sol', 'low', 'never', 'none'],
  ['gpt-6-astra', 'low', 'never', 'none'],
  ['gpt-5.6-luna', 'none', 'withoutThinking', 'none'],
  ['gpt-5.4-nano', 'none', 'withoutThinking', 'none'],
  ['gpt-5-mini', 'minimal', 'never', 'none'],
  ['o3', 'low', 'never', 'none'],
  ['gpt-4.1-mini', undefined, 'always', 'none'],
  ['Qwen/Qwen2.5-Coder-7B-Instruct', undefined, 'always', 'qwen'],
  ['qwen3-coder:30b', undefined, 'always', 'qwen'],
  ['Qwen/Qwen3-8B', undefined, 'always', 'none'],
  ['bigcode/starcoder2-3b', undefined, 'always', 'starcoder'],
  ['CodeLlama-7b-hf', undefined, 'always', 'codellama'],
  ['deepseek-ai/deepseek-coder-6.7b-base', undefined, 'always', 'deepseek'],
  ['mistralai/Codestral-22B-v0.1', undefined, 'always', 'codestral'],
  ['google/codegemma-2b', undefined, 'always', 'codegemma'],
  ['openai/gpt-6-luna', 'none', 'withoutThinking', 'none'],
  ['something-new', undefined, 'always', 'none'],
])('%s', (model, effort, stop, fim) => {
  const facts = modelFacts(model);
  expect(facts).toMatchObject({ stop, fim });
  expect(facts.thinkingOff['reasoning_effort']).toBe(effort);
  expect(facts).not.toHaveProperty('pattern');
});

test.each([
  ['claude-haiku-5-5', 1_000_000, 3],
  ['claude-sonnet-5-5', 1_000_000, 3],
  ['anthropic/claude-opus-4-8', 1_000_000, 3],
  ['claude-sonnet-4-6', 1_000_000, 3.5],
  ['claude-haiku-4-5-20251001', 200_000, 3.5],
  ['claude-newer-9', null, 3],
])('%s reads %s tokens of %s bytes', (model, contextWindow, bytesPerToken) => {
  expect(modelFacts(model)).toMatchObject({ contextWindow, bytesPerToken });
});
