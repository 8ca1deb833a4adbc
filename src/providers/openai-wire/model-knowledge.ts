/** What is known of a server's models: the table, and over it what the server itself said of them. */
import { type ModelFacts, modelFacts } from '../models.ts';

export interface ModelKnowledge {
  factsOf(model: string): ModelFacts;
  /** Holds from now on, over the table. */
  learn(model: string, said: Partial<ModelFacts>): void;
}

export function createModelKnowledge(): ModelKnowledge {
  const learnt = new Map<string, Partial<ModelFacts>>();
  return {
    factsOf: (model) => ({ ...onThisWire(modelFacts(model)), ...learnt.get(model) }),
    learn(model, said) {
      if (Object.keys(said).length > 0) learnt.set(model, { ...learnt.get(model), ...said });
    },
  };
}

/** A gateway has models of other vendors, but not the fields by which those vendors switch thinking off. */
function onThisWire(facts: ModelFacts): ModelFacts {
  if (facts.wire === 'openai') return facts;
  const thinks = facts.alwaysThinks || Object.keys(facts.thinkingOff).length > 0;
  return { ...facts, thinkingOff: {}, alwaysThinks: thinks };
}
