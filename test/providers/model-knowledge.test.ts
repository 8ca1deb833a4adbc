/** What a server says of a model goes over the table, and no vendor's fields go to a server of another wire. */
import { expect, test } from 'vitest';
import { createModelKnowledge } from '../../src/providers/model-knowledge.ts';

test('fields that switch thinking off go to servers of their own wire only; the model thinks then', () => {
  const claude = 'claude-haiku-5-5';
  const own = createModelKnowledge('anthropic').factsOf(claude);
  expect(own.thinkingOff).toHaveProperty('thinking');
  expect(own.alwaysThinks).toBe(false);
  expect(createModelKnowledge('openai').factsOf(claude)).toMatchObject({ thinkingOff: {}, alwaysThinks: true });
  expect(createModelKnowledge('anthropic').factsOf('qwen3-8b')).toMatchObject({ thinkingOff: {}, alwaysThinks: true });
  expect(createModelKnowledge('anthropic').factsOf('mystery')).toMatchObject({ thinkingOff: {}, alwaysThinks: false });
});

test('what was learnt holds over the table, and is added to', () => {
  const models = createModelKnowledge('openai');
  expect(models.learn('mystery', { facts: {} })).toEqual({ id: 'mystery' });
  const info = models.learn('mystery', { facts: { contextWindow: 1000 }, capabilities: { fim: true } });
  expect(info).toEqual({ id: 'mystery', contextWindow: 1000, capabilities: { fim: true } });
  models.learn('mystery', { facts: { stop: 'never' } });
  expect(models.factsOf('mystery')).toMatchObject({ contextWindow: 1000, stop: 'never', temperature: 'always' });
  expect(models.factsOf('other').contextWindow).toBeNull();
});
