/** What Mistral's list of models says of one: it says more than most, and is believed before our own table. */
import { member } from '../http/json.ts';
import type { ModelDescription } from '../model-knowledge.ts';

export function describeMistralModel(listed: unknown): ModelDescription {
  const capabilities = member(listed, 'capabilities');
  const flag = (name: string): boolean | undefined => {
    const said = member(capabilities, name);
    return typeof said === 'boolean' ? said : undefined;
  };
  const chat = flag('completion_chat');
  const fim = flag('completion_fim');
  const reasoning = flag('reasoning');
  return {
    facts: {
      ...(fim === undefined ? {} : { fim: fim ? 'suffix' : 'none' }),
      ...(reasoning === undefined ? {} : { thinkingOff: reasoning ? { reasoning_effort: 'none' } : {} }),
    },
    capabilities: {
      ...(chat === undefined ? {} : { chat }),
      ...(fim === undefined ? {} : { fim }),
      ...(chat === undefined && fim === undefined ? {} : { codeCompletion: chat === true || fim === true }),
    },
  };
}
