/** The provider `ollama`: models on this machine, spoken to by Ollama's own wire. */
import { AiError } from '../../domain/ai-error.ts';
import type { AiCapabilities, ProviderHealth, StreamingProvider } from '../../domain/ai-provider.ts';
import type { CompletionChunk, CompletionRequest } from '../../domain/completion.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { asCompletion, noted } from '../answer-chunks.ts';
import { neededSetting } from '../http/call-headers.ts';
import { createDirectWire } from '../http/direct-wire.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { rootAddress } from '../http/root-address.ts';
import type { HttpTransport } from '../http/transport.ts';
import { estimatedTokens, modelFacts } from '../models.ts';
import { createTurns, inTurn } from '../one-at-a-time.ts';
import { chatPatience, completionPatience } from '../patience.ts';
import { fillHole } from '../prompt/fill-hole.ts';
import { fillMiddle } from '../prompt/fill-middle.ts';
import { fimPrompt } from '../prompt/fim.ts';
import { createVendorProvider } from '../vendor-provider.ts';
import { type CompletionForm, chosenForm, formOf, formWithoutTemplate } from './choose-form.ts';
import { chatBody, embedBody, fimBody, holeFillerBody, loadBody, type OllamaBody } from './convert-request.ts';
import { answerFormat, embeddingsOf, type ModelCard, modelCardOf, modelsOf } from './convert-response.ts';
import { keepAliveTime } from './keep-alive.ts';
import { failureReport } from './map-error.ts';
import { createModelLoader, stillLoading } from './model-loader.ts';

export type OllamaDependencies = ProviderDependencies & { readonly transport: HttpTransport };

/** Throws `AiError` of kind `notConfigured` when the entry lacks its address or model. */
export function createOllamaProvider(entry: ProviderEntry, dependencies: OllamaDependencies): StreamingProvider {
  const { clock, transport, log, progress, apiKey } = dependencies;
  const { id } = entry;
  const baseUrl = rootAddress(neededSetting(entry, 'baseUrl', 'the address of Ollama'));
  const model = neededSetting(entry, 'model', 'a model that `ollama list` shows');
  const refusable = { droppable: ['think', 'keep_alive'] };
  const wire = createDirectWire({ entry, apiKey, transport, clock, log, refusable, report: failureReport });
  const turns = createTurns(id, clock);
  const lifetime = new AbortController();
  const post = (path: string, body: OllamaBody) => ({ url: `${baseUrl}${path}`, body, model: body.model });

  let card: Promise<ModelCard> | undefined;
  let form = chosenForm(entry.fim);
  const loader = createModelLoader({
    provider: id,
    clock,
    progress,
    keepAlive: keepAliveTime(entry.keepAlive),
    load: (name, signal) => wire.ask(post('/api/generate', loadBody(name, entry)), signal),
  });
  /** Asked once, whichever request it is for: a superseded one must not make the next ask again. */
  const modelCard = (): Promise<ModelCard> => {
    card ??= wire
      .ask(post('/api/show', { model }), lifetime.signal)
      .then(modelCardOf)
      .catch((error: unknown) => {
        card = undefined;
        throw error;
      });
    return card;
  };

  const capabilities: AiCapabilities = {
    streaming: true,
    codeCompletion: true,
    get fim() {
      return (form?.fim ?? modelFacts(model).fim) !== 'none';
    },
    chat: true,
    embeddings: true,
    tokenCounting: true,
    // What the model could read is not what the server loads it for, unless it is told.
    contextWindow: entry.contextWindow ?? null,
    ...entry.capabilities,
  };

  /** Streams an answer of a model that is in memory. */
  async function* stream(path: string, body: OllamaBody, signal: AbortSignal): AsyncGenerator<AnswerChunk> {
    let begun = false;
    try {
      for await (const chunk of wire.stream(post(path, body), answerFormat, signal)) {
        if (!begun) loader.answered(body.model);
        begun = true;
        yield chunk;
      }
    } finally {
      if (!begun) loader.doubt();
    }
  }

  function byForm(chosen: CompletionForm, request: CompletionRequest, signal: AbortSignal) {
    const { fim, note } = chosen;
    const name = model;
    if (fim === 'none') {
      const chunks = asCompletion(stream('/api/chat', holeFillerBody(request, name, entry), signal));
      return noted(fillHole(request, chunks, name), note);
    }
    const chunks = asCompletion(stream('/api/generate', fimBody(request, fim, name, entry), signal));
    return noted(fillMiddle(request, chunks, fimPrompt(fim, request.context).stop, name), note);
  }

  async function* complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionChunk> {
    form ??= formOf(model, await modelCard());
    try {
      yield* byForm(form, request, signal);
    } catch (error) {
      // Comes instead of the first chunk. A form the user chose is not second-guessed.
      const refused = error instanceof AiError && error.kind === 'unsupported';
      if (!refused || entry.fim !== undefined || form.fim !== 'suffix') throw error;
      form = formWithoutTemplate(model, await modelCard());
      yield* byForm(form, request, signal);
    }
  }

  const listModels = async (signal: AbortSignal) =>
    modelsOf(await wire.ask({ url: `${baseUrl}/api/tags`, model }, signal));

  return createVendorProvider({
    entry,
    model,
    capabilities,
    health: wire.health,
    slowStart: true,
    async *streamCode(request, signal) {
      const patience = completionPatience(request);
      await loader.ready(model, patience.loading, signal);
      yield* inTurn(turns.take('completion', signal, patience.turn), () => complete(request, signal));
    },
    async *streamChat(request, signal) {
      const body = chatBody(request, request.model ?? model, entry);
      await loader.ready(body.model, chatPatience.loading, signal);
      yield* inTurn(turns.take('chat', signal, chatPatience.turn), () => stream('/api/chat', body, signal));
    },
    async embed(request, signal) {
      const body = embedBody(request.input, request.model ?? model, entry);
      const end = await turns.take('other', signal);
      try {
        const { vectors, model: used, inputTokens } = embeddingsOf(await wire.ask(post('/api/embed', body), signal));
        return { vectors, model: used ?? body.model, inputTokens };
      } finally {
        // Another model may have taken the place of the one that completes.
        if (body.model !== model) loader.doubt();
        end();
      }
    },
    countTokens: async (text) => estimatedTokens(text, modelFacts(model)),
    listModels,
    async lookForModel(signal) {
      const names = (await listModels(signal)).map((one) => one.id);
      return names.some((name) => sameModel(name, model)) ? undefined : notPulled(id, model, names);
    },
    busy() {
      const { loading } = loader;
      return loading === undefined ? undefined : { state: 'degraded', message: stillLoading(id, loading).message };
    },
    /** Looks whether the server and its model are there. Does not load it: a provider may be made only to be listed. */
    async initialize() {
      // What goes wrong is in the health; most machines have no Ollama, and that is nothing to warn of.
      await modelCard().catch(() => undefined);
    },
    async dispose() {
      lifetime.abort();
      loader.dispose();
    },
  });
}

/** A name without a tag means the tag `latest`. */
function sameModel(one: string, other: string): boolean {
  const tagged = (name: string) => (name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`);
  return tagged(one) === tagged(other);
}

function notPulled(id: string, model: string, names: readonly string[]): ProviderHealth {
  const has = names.length === 0 ? 'It has no model yet.' : `It has ${names.slice(0, 10).join(', ')}.`;
  return { state: 'degraded', message: `${id} has no model ${model}. Run \`ollama pull ${model}\`. ${has}` };
}
