/**
 * Our requests as bodies of Ollama's wire. What decides how the model lies in memory is the same in every body: a
 * completion and a chat that differ in it make the server load the model anew each time.
 */
import type { ChatMessage, ChatRequest } from '../../domain/chat.ts';
import type { CompletionRequest, ProviderExtension } from '../../domain/completion.ts';
import type { FimForm, ProviderEntry } from '../../domain/provider-entry.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { holeFillerPrompt } from '../prompt/hole-filler.ts';
import { keepAliveField } from './keep-alive.ts';

export type OllamaBody = Readonly<Record<string, unknown>> & { readonly model: string };

/** Loads the model and generates nothing. */
export function loadBody(model: string, entry: ProviderEntry): OllamaBody {
  return { ...body(model, {}, entry, undefined), stream: false };
}

/** `/api/generate`, by the template's own suffix or by the tokens of a family, which then are the whole prompt. */
export function fimBody(
  request: CompletionRequest,
  form: Exclude<FimForm, 'none'>,
  model: string,
  entry: ProviderEntry,
): OllamaBody {
  const { prompt, suffix, stop } = fimPrompt(form, request.context);
  // A line is wanted: the server is told to stop there.
  const stops = request.shape === 'line' ? ['\n', ...stop] : stop;
  return {
    ...body(model, limits(request, stops, entry), entry, request.extension, {
      prompt,
      // An empty suffix is taken for none, and the prompt for a question.
      ...(suffix === undefined ? { raw: true } : { suffix: suffix === '' ? '\n' : suffix }),
      think: false,
    }),
    stream: true,
  };
}

/** `/api/chat` for a model that is asked to fill a hole. */
export function holeFillerBody(request: CompletionRequest, model: string, entry: ProviderEntry): OllamaBody {
  const { system, messages, stop } = holeFillerPrompt(request);
  return {
    ...body(model, limits(request, stop, entry), entry, request.extension, {
      messages: wireMessages([{ role: 'system', content: system }, ...messages]),
      think: false,
    }),
    stream: true,
  };
}

export function chatBody(request: ChatRequest, model: string, entry: ProviderEntry): OllamaBody {
  const { reasoningEffort } = entry;
  const perCall = {
    ...given('num_predict', request.maxTokens ?? entry.maxTokens),
    ...given('temperature', request.temperature ?? entry.temperature),
  };
  return {
    ...body(model, perCall, entry, request.extension, {
      messages: wireMessages(request.messages),
      ...given('think', reasoningEffort === 'none' ? false : reasoningEffort),
    }),
    stream: true,
  };
}

export function embedBody(input: readonly string[], model: string, entry: ProviderEntry): OllamaBody {
  return body(model, {}, entry, undefined, { input });
}

/** Fields come in a fixed order; what the settings and the request add wins. Options are merged one by one. */
function body(
  model: string,
  perCall: Readonly<Record<string, unknown>>,
  entry: ProviderEntry,
  extension: ProviderExtension | undefined,
  fields: Readonly<Record<string, unknown>> = {},
): OllamaBody {
  const { options: fromSettings, ...settings } = entry.requestOptions ?? {};
  const { options: fromRequest, ...request } = extension ?? {};
  const options = {
    ...given('num_ctx', entry.contextWindow),
    ...perCall,
    ...asObject(fromSettings),
    ...asObject(fromRequest),
  };
  return {
    model,
    ...fields,
    ...given('keep_alive', entry.keepAlive && keepAliveField(entry.keepAlive)),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...settings,
    ...request,
  };
}

function limits(
  request: CompletionRequest,
  stop: readonly string[],
  entry: ProviderEntry,
): Readonly<Record<string, unknown>> {
  return {
    num_predict: Math.min(request.maxTokens, entry.maxTokens ?? request.maxTokens),
    ...given('stop', stop.length === 0 ? undefined : stop),
    ...given('temperature', request.temperature ?? entry.temperature),
  };
}

function wireMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.map(({ role, content }) => ({ role, content }));
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function given(field: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : { [field]: value };
}
