/** What xAI says of a model: which reasoning efforts it takes, and with them whether it can answer without thinking. */
import { listMember, member } from '../http/json.ts';
import type { ModelDescription } from '../model-knowledge.ts';
import type { ModelFacts } from '../models.ts';

export function describeGrokModel(listed: unknown): ModelDescription {
  const capabilities = member(listed, 'capabilities');
  if (!Array.isArray(member(capabilities, 'reasoning_effort'))) return { facts: {} };
  return { facts: factsOf(listMember(capabilities, 'reasoning_effort')) };
}

/** Without an effort to choose there is nothing to send; whether such a model thinks, the table knows. */
function factsOf(efforts: readonly unknown[]): Partial<ModelFacts> {
  if (efforts.length === 0) return { thinkingOff: {} };
  if (efforts.includes('none')) {
    return { thinkingOff: { reasoning_effort: 'none' }, alwaysThinks: false, stop: 'withoutThinking' };
  }
  return { thinkingOff: { reasoning_effort: lowest(efforts) }, alwaysThinks: true, stop: 'never' };
}

function lowest(efforts: readonly unknown[]): unknown {
  return ['minimal', 'low'].find((effort) => efforts.includes(effort)) ?? efforts[0];
}
