/** What Anthropic's list of models says of one: how much it reads, and how little it can be told to think. */
import { member, numberMember } from '../http/json.ts';
import type { ModelDescription } from '../model-knowledge.ts';
import type { ModelFacts } from '../models.ts';

export function describeClaudeModel(listed: unknown): ModelDescription {
  const contextWindow = numberMember(listed, 'max_input_tokens');
  const window = contextWindow === undefined ? {} : { contextWindow };
  return {
    facts: { ...window, ...thinkingFacts(member(listed, 'capabilities')) },
    capabilities: { ...capabilities, ...window },
  };
}

/** Alike for all of them. */
const capabilities = {
  streaming: true,
  codeCompletion: true,
  fim: false,
  chat: true,
  embeddings: false,
  tokenCounting: true,
} as const;

/** How little the model can be told to think. Nothing where the list does not say. */
function thinkingFacts(listed: unknown): Partial<ModelFacts> {
  const types = member(member(listed, 'thinking'), 'types');
  if (types === undefined) return {};
  const off = ['disabled', 'between_tools'].find((type) => isSupported(types, type));
  const thinks = isSupported(types, 'adaptive') || isSupported(types, 'enabled');
  const thinkingOff = {
    ...(off === undefined ? {} : { thinking: { type: off } }),
    ...(isSupported(member(listed, 'effort'), 'low') ? { output_config: { effort: 'low' } } : {}),
  };
  return { thinkingOff, alwaysThinks: thinks && off === undefined };
}

function isSupported(capability: unknown, name: string): boolean {
  return member(member(capability, name), 'supported') === true;
}
