/** What is known of a server's models: the table, and over it what the server itself said of them. */
import type { AiCapabilities, ModelInfo } from '../domain/ai-provider.ts';
import { type ModelFacts, modelFacts } from './models.ts';

/** What a server's list says of a model. */
export interface ModelDescription {
  readonly facts: Partial<ModelFacts>;
  readonly capabilities?: Partial<AiCapabilities>;
}

export interface ModelKnowledge {
  factsOf(model: string): ModelFacts;
  /** Holds from now on, over the table. The result is what is known of the model by then. */
  learn(model: string, said: ModelDescription): ModelInfo;
}

/** `wire`: the one the server speaks, whatever models it has. */
export function createModelKnowledge(wire: ModelFacts['wire']): ModelKnowledge {
  const learnt = new Map<string, Partial<ModelFacts>>();
  const factsOf = (model: string): ModelFacts => ({ ...onWire(wire, modelFacts(model)), ...learnt.get(model) });
  return {
    factsOf,
    learn(id, { facts, capabilities }) {
      if (Object.keys(facts).length > 0) learnt.set(id, { ...learnt.get(id), ...facts });
      const { contextWindow } = factsOf(id);
      return {
        id,
        ...(contextWindow === null ? {} : { contextWindow }),
        ...(capabilities === undefined ? {} : { capabilities }),
      };
    },
  };
}

/** A gateway has models of other vendors, but not the fields by which those vendors switch thinking off. */
function onWire(wire: ModelFacts['wire'], facts: ModelFacts): ModelFacts {
  if (facts.wire === wire) return facts;
  const thinks = facts.alwaysThinks || Object.keys(facts.thinkingOff).length > 0;
  return { ...facts, thinkingOff: {}, alwaysThinks: thinks };
}
