/** Our requests as bodies of llama.cpp's server. Fields come in a fixed order; what the settings and the request add comes last and wins. */
import type { ChatRequest } from '../../domain/chat.ts';
import type { CompletionRequest } from '../../domain/completion.ts';
import type { FimForm, ProviderEntry } from '../../domain/provider-entry.ts';
import { linePrefix } from '../prompt/context-text.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { holeFillerPrompt } from '../prompt/hole-filler.ts';
import { addedFields, type Fields, given, plainMessages, stopsFor, tighter } from '../request-fields.ts';
import { responseFields } from './convert-response.ts';

export type LlamaBody = Fields;

/** Completions keep to one slot, by which the server finds what it read for the last one. */
export const completionSlot = 0;

/**
 * `/infill`. What stands before the cursor on its line goes behind the rest, where the server puts `prompt`: while a line
 * is typed everything before it stays the same and is not read again.
 */
export function infillBody(request: CompletionRequest, entry: ProviderEntry): LlamaBody {
  const { context } = request;
  const line = linePrefix(context);
  const temperature = request.temperature ?? entry.temperature;
  return {
    ...modelOf(entry),
    input_prefix: context.prefix.slice(0, context.prefix.length - line.length),
    input_suffix: context.suffix,
    input_extra: context.snippets.map(({ path, text }) => ({ filename: path, text })),
    prompt: line,
    ...limits(request, [], entry),
    // The server's own sampler for infill, with the values its documentation gives.
    top_k: 40,
    top_p: 0.9,
    samplers: ['top_k', 'top_p', 'infill', ...(temperature === undefined ? [] : ['temperature'])],
    ...native,
    ...addedFields(entry, request.extension),
  };
}

/** `/completion` with the tokens of a family, for models whose file does not say which they are. */
export function rawBody(
  request: CompletionRequest,
  form: Exclude<FimForm, 'none' | 'suffix'>,
  entry: ProviderEntry,
): LlamaBody {
  const { prompt, stop } = fimPrompt(form, request.context);
  return {
    ...modelOf(entry),
    prompt,
    ...limits(request, stop, entry),
    ...native,
    ...addedFields(entry, request.extension),
  };
}

/** `/v1/chat/completions` for a model that is asked to fill a hole. */
export function holeFillerBody(request: CompletionRequest, entry: ProviderEntry): LlamaBody {
  const { system, messages, stop } = holeFillerPrompt(request);
  return {
    ...modelOf(entry),
    messages: plainMessages([{ role: 'system', content: system }, ...messages]),
    max_tokens: tighter(request.maxTokens, entry.maxTokens),
    stop,
    ...given('temperature', request.temperature ?? entry.temperature),
    chat_template_kwargs: { enable_thinking: false },
    ...streamed,
    id_slot: completionSlot,
    ...addedFields(entry, request.extension),
  };
}

/** `slot`: absent where the server has one only. */
export function chatBody(request: ChatRequest, entry: ProviderEntry, slot: number | undefined): LlamaBody {
  return {
    ...given('model', request.model ?? entry.model),
    messages: plainMessages(request.messages),
    ...given('max_tokens', tighter(request.maxTokens, entry.maxTokens)),
    ...given('temperature', request.temperature ?? entry.temperature),
    ...given('chat_template_kwargs', thinking(entry.reasoningEffort)),
    ...streamed,
    ...given('id_slot', slot),
    ...addedFields(entry, request.extension),
  };
}

/** The same request, read into the cache and not answered. */
export function warmingBody(body: LlamaBody): LlamaBody {
  return { ...body, n_predict: 0, stream: false };
}

const native = { cache_prompt: true, id_slot: completionSlot, stream: true, response_fields: responseFields };
const streamed = { cache_prompt: true, stream: true, stream_options: { include_usage: true } };

function limits(request: CompletionRequest, stop: readonly string[], entry: ProviderEntry): LlamaBody {
  return {
    n_predict: tighter(request.maxTokens, entry.maxTokens),
    ...given('stop', stopsFor(request, stop)),
    ...given('temperature', request.temperature ?? entry.temperature),
  };
}

/** Templates know thinking as a switch, gpt-oss as an effort. */
function thinking(effort: string | undefined): LlamaBody | undefined {
  if (effort === undefined) return undefined;
  return effort === 'none' ? { enable_thinking: false } : { enable_thinking: true, reasoning_effort: effort };
}

function modelOf(entry: ProviderEntry): LlamaBody {
  return given('model', entry.model);
}
