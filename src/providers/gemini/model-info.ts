/** What Gemini's list of models says of one, in our words. */
import type { ModelInfo } from '../../domain/ai-provider.ts';
import { listMember, numberMember, textMember } from '../http/json.ts';

/** The SDK calls `supportedActions` what the API calls `supportedGenerationMethods`. */
export function modelInfo(model: unknown): ModelInfo {
  const id = (textMember(model, 'name') ?? '').replace(/^models\//, '');
  const contextWindow = numberMember(model, 'inputTokenLimit');
  const actions = listMember(model, 'supportedActions');
  const answers = actions.includes('generateContent');
  const capabilities = {
    streaming: answers,
    chat: answers,
    codeCompletion: answers,
    embeddings: actions.includes('embedContent'),
    tokenCounting: actions.includes('countTokens'),
  };
  return {
    id,
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(actions.length === 0 ? {} : { capabilities }),
  };
}
