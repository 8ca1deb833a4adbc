/** Our requests as bodies of OpenAI's wire. Fields come in a fixed order; what the settings add comes last and wins. */
import type { ChatMessage, ChatRequest } from '../../domain/chat.ts';
import type { CompletionRequest, ProviderExtension } from '../../domain/completion.ts';
import type { FimForm } from '../../domain/provider-entry.ts';
import type { Acceptance } from '../models.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { holeFillerPrompt } from '../prompt/hole-filler.ts';
import type { WireOptions } from './wire-options.ts';

export type WireBody = Readonly<Record<string, unknown>> & { readonly model: string };

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
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    ...limit(dialect.tokenLimit, request.maxTokens ?? entry.maxTokens),
    ...given('reasoning_effort', entry.reasoningEffort),
    ...given('temperature', accepted(facts.temperature, thinks, request.temperature ?? entry.temperature)),
    ...dialect.chatFields,
    ...extra(options, request.extension),
  };
}

/** A completion by a model that only chats. */
export function holeFillerBody(request: CompletionRequest, options: WireOptions): ChatBody {
  const { dialect, entry, facts, model } = options;
  const { system, messages, stop } = holeFillerPrompt(request);
  const thoughts = facts.alwaysThinks ? tokensForThoughts : 0;
  return {
    model,
    messages: [{ role: 'system', content: system }, ...messages.map(({ role, content }) => ({ role, content }))],
    ...limit(dialect.tokenLimit, Math.min(request.maxTokens, entry.maxTokens ?? request.maxTokens) + thoughts),
    ...facts.thinkingOff,
    ...given('stop', accepted(facts.stop, facts.alwaysThinks, stop)),
    ...given('temperature', temperature(request, options)),
    ...dialect.chatFields,
    ...extra(options, request.extension),
  };
}

/** A completion by the raw endpoint, which needs a form of filling in the middle. */
export function fimBody(
  request: CompletionRequest,
  form: Exclude<FimForm, 'none'>,
  options: WireOptions,
): WireBody & { readonly prompt: string } {
  const { prompt, suffix, stop } = fimPrompt(form, request.context);
  // A line is wanted: the server is told to stop there. Four are the most that servers take.
  const stops = request.shape === 'line' ? ['\n', ...stop.slice(0, 3)] : stop;
  return {
    model: options.model,
    prompt,
    ...given('suffix', suffix),
    max_tokens: Math.min(request.maxTokens, options.entry.maxTokens ?? request.maxTokens),
    ...given('stop', stops.length === 0 ? undefined : stops),
    ...given('temperature', temperature(request, options)),
    ...extra(options, request.extension),
  };
}

function temperature(request: CompletionRequest, { entry, facts }: WireOptions): number | undefined {
  return accepted(facts.temperature, facts.alwaysThinks, request.temperature ?? entry.temperature);
}

function accepted<Value>(acceptance: Acceptance, thinks: boolean, value: Value): Value | undefined {
  return acceptance === 'always' || (acceptance === 'withoutThinking' && !thinks) ? value : undefined;
}

function limit(field: string, tokens: number | undefined): Readonly<Record<string, unknown>> {
  return given(field, tokens);
}

function given(field: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : { [field]: value };
}

function extra({ entry }: WireOptions, extension: ProviderExtension | undefined): Readonly<Record<string, unknown>> {
  return { ...entry.requestOptions, ...extension };
}
