/** Why Gemini ended, in our words. Apart because it has more reasons than anybody else, and half of them are filters. */
import type { FinishReason } from '../../domain/completion.ts';

const reasons: Readonly<Record<string, FinishReason>> = {
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'filtered',
  RECITATION: 'filtered',
  LANGUAGE: 'filtered',
  BLOCKLIST: 'filtered',
  PROHIBITED_CONTENT: 'filtered',
  SPII: 'filtered',
  MODEL_ARMOR: 'filtered',
  IMAGE_SAFETY: 'filtered',
  IMAGE_PROHIBITED_CONTENT: 'filtered',
  IMAGE_RECITATION: 'filtered',
};

/** Everything that is neither a limit nor a filter is an end: `STOP`, `OTHER`, and what is yet to be invented. */
export function mapFinishReason(reason: string): FinishReason {
  return reasons[reason] ?? 'stop';
}

const meanings: Readonly<Record<string, string>> = {
  RECITATION: 'the answer was too close to a known text',
  SAFETY: 'a safety filter; providers.<id>.safetySettings can loosen it',
  LANGUAGE: 'a language the model does not support',
  BLOCKLIST: 'a forbidden word',
  PROHIBITED_CONTENT: 'forbidden content',
  SPII: 'personal data',
  JAILBREAK: 'taken for an attempt to get around the rules',
  MODEL_ARMOR: 'a rule of the organization',
};

/** A filter's name and what it means, for the user. Names that do not look like one are not repeated. */
export function explainFilter(reason: string, provider: string): string {
  const name = /^[A-Z]+(_[A-Z]+)*$/.test(reason) && reason.length <= 60 ? reason : 'OTHER';
  const meaning = meanings[name]?.replace('<id>', provider);
  return meaning === undefined ? name : `${name}: ${meaning}`;
}
