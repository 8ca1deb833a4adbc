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
    factsOf: (model) => ({ ...modelFacts(model), ...learnt.get(model) }),
    learn(model, said) {
      if (Object.keys(said).length > 0) learnt.set(model, { ...learnt.get(model), ...said });
    },
  };
}
