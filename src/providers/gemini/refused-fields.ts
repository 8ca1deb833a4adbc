/**
 * Remembers which fields of `generateContent` a model refused. Models change monthly; a field that only tunes the answer
 * is lowered or left out after its first refusal instead of failing every call until a table is corrected. Apart from the
 * memory the other wires share, because here the fields lie inside others and are named in sentences only.
 */
import { HttpFailure, knownCause } from '../http/http-failure.ts';
import { member } from '../http/json.ts';
import type { Refusals } from '../refused-parameters.ts';
import type { Fields } from '../request-fields.ts';
import { type GeminiBody, isFields, tokensForThoughts } from './convert-request.ts';

/** What an answer can do without, and how Google's sentences call it: in the format's two spellings or in words. */
const droppable: Readonly<Record<string, RegExp>> = {
  thinkingConfig: /thinking|\bbudget\b/i,
  stopSequences: /stop[ _]?sequence/i,
  temperature: /\btemperature\b/i,
  maxOutputTokens: /max[ _]?output[ _]?tokens/i,
  safetySettings: /safety[ _]?settings?/i,
};

type Refusal = 'lowest' | 'whole';

export function createRefusedFields(onRefusal: (field: string, model: string) => void): Refusals<GeminiBody> {
  const refused = new Map<string, Map<string, Refusal>>();
  return {
    without(body, model) {
      let kept = body;
      for (const [field, refusal] of refused.get(model) ?? []) kept = withoutField(kept, field, refusal);
      return kept;
    },
    learn(thrown, body, model) {
      const failure = knownCause(thrown);
      if (!(failure instanceof HttpFailure) || (failure.status !== 400 && failure.status !== 422)) return false;
      const words = JSON.stringify(member(failure.body, 'error')) ?? '';
      const field = Object.keys(droppable).find((name) => has(body, name) && droppable[name]?.test(words));
      if (field === undefined) return false;
      const fields = refused.get(model) ?? new Map<string, Refusal>();
      refused.set(
        model,
        fields.set(field, levelOf(body) === 'minimal' && field === 'thinkingConfig' ? 'lowest' : 'whole'),
      );
      onRefusal(field, model);
      return true;
    },
  };
}

function withoutField(body: GeminiBody, field: string, refusal: Refusal): GeminiBody {
  if (!has(body, field)) return body;
  if (field === 'safetySettings') return without(body, field) as GeminiBody;
  const config = configOf(body);
  if (field !== 'thinkingConfig') return { ...body, generationConfig: without(config, field) };
  const lowered = { ...config, thinkingConfig: { thinkingLevel: 'low' } };
  const kept = refusal === 'whole' ? without(config, field) : levelOf(body) === 'minimal' ? lowered : config;
  return { ...body, generationConfig: withRoom(kept, config) };
}

/** Who asked for no thoughts and gets some needs room for them, else they eat up the answer. */
function withRoom(kept: Fields, asked: Fields): Fields {
  const limit = kept['maxOutputTokens'];
  if (kept === asked || typeof limit !== 'number') return kept;
  return { ...kept, maxOutputTokens: limit + tokensForThoughts };
}

function has(body: GeminiBody, field: string): boolean {
  return field === 'safetySettings' ? field in body : field in configOf(body);
}

function configOf(body: GeminiBody): Fields {
  const config = body['generationConfig'];
  return isFields(config) ? config : {};
}

function levelOf(body: GeminiBody): unknown {
  return member(configOf(body)['thinkingConfig'], 'thinkingLevel');
}

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name));
}
