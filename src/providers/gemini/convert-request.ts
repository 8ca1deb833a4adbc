/** Our requests as bodies of Gemini's `generateContent`. What never changes comes first; what the settings add is merged in last and wins. */
import { AiError } from '../../domain/ai-error.ts';
import type { ChatMessage, ChatRequest } from '../../domain/chat.ts';
import type { CompletionRequest, ProviderExtension } from '../../domain/completion.ts';
import { type ModelFacts, modelFacts } from '../models.ts';
import { holeFillerPrompt } from '../prompt/hole-filler.ts';
import { type Fields, given, tighter } from '../request-fields.ts';
import type { GeminiOptions } from './gemini-options.ts';

export interface GeminiContent {
  readonly role: 'user' | 'model';
  readonly parts: readonly [{ readonly text: string }];
}

/** `model` is part of the address; everything else is sent as it is. */
export type GeminiBody = Fields & { readonly model: string; readonly contents: readonly GeminiContent[] };

/** Room for thoughts that cannot be switched off, beside the answer itself. */
export const tokensForThoughts = 2048;

export function chatBody(request: ChatRequest, options: GeminiOptions): GeminiBody {
  const { entry } = options;
  const model = request.model ?? options.model;
  const generation = {
    ...given('maxOutputTokens', tighter(request.maxTokens, entry.maxTokens)),
    ...given('temperature', request.temperature ?? entry.temperature),
  };
  const thinking = entry.reasoningEffort === undefined ? {} : effort(entry.reasoningEffort, modelFacts(model));
  return finished(model, request.messages, [generationConfig(generation), thinking], options, request.extension);
}

/** A completion: the model only chats, and is asked to fill a hole while thinking as little as it can. */
export function holeFillerBody(request: CompletionRequest, options: GeminiOptions): GeminiBody {
  const { entry, facts, model } = options;
  const { system, messages, stop } = holeFillerPrompt(request, 'prefixFirst');
  const room = facts.alwaysThinks ? tokensForThoughts : 0;
  const generation = {
    maxOutputTokens: tighter(request.maxTokens, entry.maxTokens) + room,
    stopSequences: stop,
    ...given('temperature', request.temperature ?? entry.temperature),
  };
  const turns: readonly ChatMessage[] = [{ role: 'system', content: system }, ...messages];
  return finished(model, turns, [generationConfig(generation), facts.thinkingOff], options, request.extension);
}

function finished(
  model: string,
  messages: readonly ChatMessage[],
  parts: readonly Fields[],
  { entry }: GeminiOptions,
  extension: ProviderExtension | undefined,
): GeminiBody {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const contents = messages.flatMap(turn);
  if (contents.length === 0) throw new AiError('invalidRequest', entry.id, 'There is no message to answer.');
  const body: GeminiBody = {
    model,
    ...(system.length === 0 ? {} : { systemInstruction: { parts: [{ text: system.join('\n\n') }] } }),
    contents,
  };
  const safety = given('safetySettings', entry.safetySettings);
  const added = [...parts, safety, entry.requestOptions ?? {}, extension ?? {}].reduce(merged, {});
  return { ...body, ...added };
}

/** An empty text is refused as a part without content. */
function turn({ role, content }: ChatMessage): readonly GeminiContent[] {
  if (role === 'system' || content === '') return [];
  return [{ role: role === 'assistant' ? 'model' : 'user', parts: [{ text: content }] }];
}

/** Tokens for thoughts that Google gives for the efforts of other vendors, for models that count thoughts. */
const budgets: Readonly<Record<string, number>> = { minimal: 1024, low: 1024, medium: 8192, high: 24_576 };

function effort(wanted: string, { thinkingOff }: ModelFacts): Fields {
  if (wanted === 'none') return thinkingOff;
  const budget = JSON.stringify(thinkingOff).includes('thinkingBudget') ? budgets[wanted] : undefined;
  return generationConfig({
    thinkingConfig: budget === undefined ? { thinkingLevel: wanted } : { thinkingBudget: budget },
  });
}

function generationConfig(fields: Fields): Fields {
  return Object.keys(fields).length === 0 ? {} : { generationConfig: fields };
}

/** Objects in objects are merged too: who adds `topP` to `generationConfig` does not mean to lose the rest of it. */
function merged(base: Fields, added: Fields): Fields {
  const whole = { ...base };
  for (const [name, value] of Object.entries(added)) {
    const old = Object.hasOwn(whole, name) ? whole[name] : undefined;
    whole[name] = isFields(old) && isFields(value) ? merged(old, value) : value;
  }
  return whole;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
