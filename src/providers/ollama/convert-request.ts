/**
 * Our requests as bodies of Ollama's wire. What decides how the model lies in memory is the same in every body: a
 * completion and a chat that differ in it make the server load the model anew each time.
 */
import type { ChatRequest } from '../../domain/chat.ts';
import type { CompletionRequest, ProviderExtension } from '../../domain/completion.ts';
import type { FimForm, ProviderEntry } from '../../domain/provider-entry.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { holeFillerPrompt } from '../prompt/hole-filler.ts';
import { type Fields, given, plainMessages, stopsFor, tighter } from '../request-fields.ts';
import { keepAliveField } from './keep-alive.ts';

export type OllamaBody = Fields & { readonly model: string };

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
  return {
    ...body(model, limits(request, stopsFor(request, stop), entry), entry, request.extension, {
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
      messages: plainMessages([{ role: 'system', content: system }, ...messages]),
      think: false,
    }),
    stream: true,
  };
}

export function chatBody(request: ChatRequest, model: string, entry: ProviderEntry): OllamaBody {
  const { reasoningEffort } = entry;
  const perCall = {
    ...given('num_predict', tighter(request.maxTokens, entry.maxTokens)),
    ...given('temperature', request.temperature ?? entry.temperature),
  };
  return {
    ...body(model, perCall, entry, request.extension, {
      messages: plainMessages(request.messages),
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
  perCall: Fields,
  entry: ProviderEntry,
  extension: ProviderExtension | undefined,
  fields: Fields = {},
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

function limits(request: CompletionRequest, stop: readonly string[] | undefined, entry: ProviderEntry): Fields {
  return {
    num_predict: tighter(request.maxTokens, entry.maxTokens),
    ...given('stop', stop),
    ...given('temperature', request.temperature ?? entry.temperature),
  };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
