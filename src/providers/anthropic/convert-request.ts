/** Our requests as bodies of Anthropic's wire. Fields come in a fixed order; what the settings add comes last and wins. */
import type { ChatMessage, ChatRequest } from '../../domain/chat.ts';
import type { CompletionRequest } from '../../domain/completion.ts';
import type { ModelFacts } from '../models.ts';
import { holeFillerPrompt } from '../prompt/hole-filler.ts';
import { addedFields, type Fields, given, tighter } from '../request-fields.ts';
import type { AnthropicOptions } from './options.ts';

export type MessagesBody = Fields & {
  readonly model: string;
  readonly max_tokens: number;
};

/** The wire wants a limit; this one is for a chat of which nobody set one. */
const defaultChatTokens = 8192;
/** Room for thoughts beside the answer: they count against the same limit. */
const tokensForChatThoughts = 16_384;
const tokensForCodeThoughts = 2048;

export function chatBody(request: ChatRequest, options: AnthropicOptions): MessagesBody {
  const { entry, models } = options;
  const model = request.model ?? options.model;
  const facts = models.factsOf(model);
  const thinks = facts.alwaysThinks || ('thinking' in facts.thinkingOff && entry.reasoningEffort !== 'none');
  const limit = tighter(request.maxTokens, entry.maxTokens) ?? defaultChatTokens;
  return {
    model,
    max_tokens: limit + (thinks ? tokensForChatThoughts : 0),
    ...prompt(request.messages),
    ...effort(entry.reasoningEffort, facts),
    ...given('temperature', temperature(request.temperature, facts, options)),
    ...addedFields(entry, request.extension),
  };
}

/** A completion: the models only chat, and are asked to fill a hole. */
export function holeFillerBody(request: CompletionRequest, options: AnthropicOptions): MessagesBody {
  const { entry, model, models } = options;
  const facts = models.factsOf(model);
  const { system, messages, stop } = holeFillerPrompt(request);
  return {
    model,
    max_tokens: tighter(request.maxTokens, entry.maxTokens) + (facts.alwaysThinks ? tokensForCodeThoughts : 0),
    ...prompt([{ role: 'system', content: system }, ...messages]),
    stop_sequences: stop,
    ...facts.thinkingOff,
    ...given('temperature', temperature(request.temperature, facts, options)),
    ...addedFields(entry, request.extension),
  };
}

/** What the model refused is gone from the body; if it was what keeps it from thinking, its thoughts need room. */
export function withRoomForThoughts(accepted: MessagesBody, asked: MessagesBody): MessagesBody {
  const thinks = 'thinking' in asked && !('thinking' in accepted);
  return thinks ? { ...accepted, max_tokens: accepted.max_tokens + tokensForCodeThoughts } : accepted;
}

/**
 * System text and turns, with the end of what stays the same marked for the vendor's prompt cache: the message before
 * the question, or the system text where there is none. Blank messages, which the server refuses, are left out.
 */
function prompt(messages: readonly ChatMessage[]): Fields {
  const said = messages.filter(({ content }) => content.trim() !== '');
  const system = said.flatMap(({ role, content }) => (role === 'system' ? [content] : [])).join('\n\n');
  const turns = said.filter(({ role }) => role !== 'system');
  const stable = turns.length - 2;
  return {
    ...(system === '' ? {} : { system: [stable < 0 ? cached(system) : { type: 'text', text: system }] }),
    messages: turns.map(({ role, content }, index) => ({
      role,
      content: index === stable ? [cached(content)] : content,
    })),
  };
}

function cached(text: string): object {
  return { type: 'text', text, cache_control: { type: 'ephemeral' } };
}

function effort(wanted: string | undefined, facts: ModelFacts): Fields {
  if (wanted === undefined) return {};
  return wanted === 'none' ? facts.thinkingOff : { output_config: { effort: wanted } };
}

/** The current API version refuses a temperature whatever the model; the wire's range ends at 1. */
function temperature(
  requested: number | undefined,
  facts: ModelFacts,
  { entry, olderVersion }: AnthropicOptions,
): number | undefined {
  const wanted = requested ?? entry.temperature;
  if (wanted === undefined || !olderVersion || facts.temperature !== 'always') return undefined;
  return Math.min(1, wanted);
}
