/** What is known of models: by the table, and better by what Anthropic's list of models said of them. */
import type { ModelInfo } from '../../domain/ai-provider.ts';
import { member, numberMember, textMember } from '../http/json.ts';
import { type ModelFacts, modelFacts } from '../models.ts';

export interface KnownModels {
  facts(model: string): ModelFacts;
  /** Takes over what the service says of one of its models. */
  learn(description: unknown): ModelInfo;
}

export function createKnownModels(): KnownModels {
  const said = new Map<string, Partial<ModelFacts>>();
  return {
    facts: (model) => ({ ...modelFacts(model), ...said.get(model) }),
    learn(description) {
      const id = textMember(description, 'id') ?? '';
      const contextWindow = numberMember(description, 'max_input_tokens');
      const window = contextWindow === undefined ? {} : { contextWindow };
      said.set(id, { ...window, ...thinkingFacts(member(description, 'capabilities')) });
      return { id, ...window, capabilities: { ...capabilities, ...window } };
    },
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
