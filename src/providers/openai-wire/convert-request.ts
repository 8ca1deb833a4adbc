/** Our requests as bodies of OpenAI's wire. Fields come in a fixed order; what the settings add comes last and wins. */
import type { ChatMessage, ChatRequest } from '../../domain/chat.ts';
import type { CompletionRequest } from '../../domain/completion.ts';
import type { FimForm } from '../../domain/provider-entry.ts';
import type { Acceptance } from '../models.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { holeFillerPrompt } from '../prompt/hole-filler.ts';
import { addedFields, type Fields, given, plainMessages, stopsFor, tighter } from '../request-fields.ts';
import type { WireOptions } from './wire-options.ts';

export type WireBody = Fields & { readonly model: string };

export type ChatBody = WireBody & { readonly messages: ChatMessage[] };

/** Room for thoughts that cannot be switched off, beside the answer itself. */
const tokensForThoughts = 2048;

export function chatBody(request: ChatRequest, options: WireOptions): ChatBody {
  const { dialect, entry } = options;
  const model = request.model ?? options.model;
  const facts = options.models.factsOf(model);
  const thinks = facts.alwaysThinks || ('reasoning_effort' in facts.thinkingOff && entry.reasoningEffort !== 'none');
  return {
    model,
    messages: plainMessages(request.messages),
    ...given(dialect.tokenLimit, tighter(request.maxTokens, entry.maxTokens)),
    ...given('reasoning_effort', entry.reasoningEffort),
    ...given('temperature', accepted(facts.temperature, thinks, request.temperature ?? entry.temperature)),
    ...dialect.chatFields,
    ...addedFields(options.entry, request.extension),
  };
}

/** A completion by a model that only chats. */
export function holeFillerBody(request: CompletionRequest, options: WireOptions): ChatBody {
  const { dialect, entry, facts, model } = options;
  const { system, messages, stop } = holeFillerPrompt(request);
  const thoughts = facts.alwaysThinks ? tokensForThoughts : 0;
  return {
    model,
    messages: plainMessages([{ role: 'system', content: system }, ...messages]),
    [dialect.tokenLimit]: tighter(request.maxTokens, entry.maxTokens) + thoughts,
    ...facts.thinkingOff,
    ...given('stop', accepted(facts.stop, facts.alwaysThinks, stop)),
    ...given('temperature', temperature(request, options)),
    ...dialect.chatFields,
    ...addedFields(options.entry, request.extension),
  };
}

/** A completion by the raw endpoint, which needs a form of filling in the middle. */
export function fimBody(
  request: CompletionRequest,
  form: Exclude<FimForm, 'none'>,
  options: WireOptions,
): WireBody & { readonly prompt: string } {
  const { prompt, suffix, stop } = fimPrompt(form, request.context);
  return {
    model: options.model,
    prompt,
    ...given('suffix', suffix),
    max_tokens: tighter(request.maxTokens, options.entry.maxTokens),
    // Four are the most that servers take.
    ...given('stop', stopsFor(request, stop)?.slice(0, 4)),
    ...given('temperature', temperature(request, options)),
    ...addedFields(options.entry, request.extension),
  };
}

function temperature(request: CompletionRequest, { entry, facts }: WireOptions): number | undefined {
  return accepted(facts.temperature, facts.alwaysThinks, request.temperature ?? entry.temperature);
}

function accepted<Value>(acceptance: Acceptance, thinks: boolean, value: Value): Value | undefined {
  return acceptance === 'always' || (acceptance === 'withoutThinking' && !thinks) ? value : undefined;
}
