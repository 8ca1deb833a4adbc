/** The provider `llama-cpp`: the model that `llama-server` serves, spoken to by the server's own wire. */
import { AiError } from '../../domain/ai-error.ts';
import type { AiCapabilities, StreamingProvider } from '../../domain/ai-provider.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { createDirectWire } from '../http/direct-wire.ts';
import { listMember } from '../http/json.ts';
import type { AnswerChunk, AnswerFormat } from '../http/read-answer.ts';
import type { HttpTransport } from '../http/transport.ts';
import { createTurns, inTurn } from '../one-at-a-time.ts';
import { chatPatience, completionPatience } from '../patience.ts';
import { given } from '../request-fields.ts';
import { createVendorProvider } from '../vendor-provider.ts';
import { createCacheWarmer } from './cache-warmer.ts';
import { createCodeCompleter } from './complete-code.ts';
import { chatBody, completionSlot, type LlamaBody, warmingBody } from './convert-request.ts';
import {
  chatFormat,
  completionFormat,
  modelsOf,
  propertiesOf,
  type ServerProperties,
  vectorsOf,
} from './convert-response.ts';
import { createServerAddress } from './find-server.ts';
import { failureReport, pooledEmbeddings } from './map-error.ts';

export type LlamaCppDependencies = ProviderDependencies & {
  readonly transport: HttpTransport;
  /** Where to look when the entry names no address; absent: the server's default ports. */
  readonly addresses?: readonly string[];
};

interface Prompt {
  readonly path: string;
  readonly body: LlamaBody;
}

export function createLlamaCppProvider(entry: ProviderEntry, dependencies: LlamaCppDependencies): StreamingProvider {
  const { clock, transport, log, apiKey } = dependencies;
  const { id, model = '' } = entry;
  const address = createServerAddress(id, entry.baseUrl, transport, dependencies.addresses);
  const refusable = {
    droppable: ['samplers', 'top_k', 'top_p', 'temperature', 'stop', 'stream_options', 'chat_template_kwargs'],
  };
  const wire = createDirectWire({ entry, apiKey, transport, clock, log, refusable, report: failureReport });
  const turns = createTurns(id, clock);
  const lifetime = new AbortController();
  let properties: ServerProperties | undefined;

  /** A server that was found on its own may have moved. */
  const watched = (error: unknown): never => {
    if (error instanceof AiError && error.kind === 'network') address.forget();
    throw error;
  };
  const locate = async (path: string, signal: AbortSignal): Promise<string> => {
    try {
      return `${await address.get(signal)}${path}`;
    } catch (error) {
      if (error instanceof AiError) wire.health.failed(error);
      throw error;
    }
  };
  const ask = async (path: string, body: LlamaBody | undefined, signal: AbortSignal): Promise<unknown> => {
    const call = { url: await locate(path, signal), model, ...(body === undefined ? {} : { body }) };
    return wire.ask(call, signal).catch(watched);
  };
  async function* open(path: string, body: LlamaBody, format: AnswerFormat, signal: AbortSignal) {
    try {
      yield* wire.stream({ url: await locate(path, signal), body, model }, format, signal);
    } catch (error) {
      watched(error);
    }
  }

  const askLast = async (path: string, body: LlamaBody, signal: AbortSignal): Promise<unknown> => {
    const end = await turns.take('other', signal);
    try {
      return await ask(path, body, signal);
    } finally {
      end();
    }
  };

  let lastPrompt: Prompt | undefined;
  const warmer = createCacheWarmer<Prompt>(clock, ({ path, body }, signal) => askLast(path, warmingBody(body), signal));
  const askInTurn = async (path: string, body: LlamaBody, signal: AbortSignal): Promise<unknown> => {
    warmer.busy();
    try {
      return await askLast(path, body, signal);
    } finally {
      warmer.idle();
    }
  };
  async function* taken<Chunk>(turn: () => Promise<() => void>, run: () => AsyncIterable<Chunk>) {
    warmer.busy();
    try {
      yield* inTurn(turn(), run);
    } finally {
      warmer.idle();
    }
  }
  /** The first token comes when the whole prompt is read; until then it is worth reading later. */
  async function* native(path: string, body: LlamaBody, signal: AbortSignal): AsyncGenerator<AnswerChunk> {
    lastPrompt = { path, body };
    warmer.want(lastPrompt);
    for await (const chunk of open(path, body, completionFormat, signal)) {
      warmer.want(undefined);
      yield chunk;
    }
  }
  const code = createCodeCompleter(
    entry,
    { native, chat: (body, signal) => open('/v1/chat/completions', body, chatFormat, signal) },
    () => properties?.model ?? model,
  );

  const capabilities: AiCapabilities = {
    streaming: true,
    codeCompletion: true,
    get fim() {
      return code.fim;
    },
    chat: true,
    embeddings: true,
    tokenCounting: true,
    get contextWindow() {
      return entry.contextWindow ?? properties?.contextWindow ?? null;
    },
    ...entry.capabilities,
  };

  return createVendorProvider({
    entry,
    model,
    capabilities,
    health: wire.health,
    slowStart: true,
    streamCode: (request, signal) =>
      taken(
        () => turns.take('completion', signal, completionPatience(request).turn),
        () => code.stream(request, signal),
      ),
    async *streamChat(request, signal) {
      const slots = properties?.slots ?? 1;
      const body = chatBody(request, entry, slots > 1 ? completionSlot + 1 : undefined);
      const stream = () => open('/v1/chat/completions', body, chatFormat, signal);
      const turn = () => turns.take('chat', signal, chatPatience.turn);
      for await (const chunk of taken(turn, stream)) {
        // In the only slot the chat takes the place of what was read for completions.
        if (slots === 1) warmer.want(lastPrompt);
        yield chunk;
      }
    },
    async embed(request, signal) {
      const named = request.model ?? entry.model;
      const body = { ...given('model', named), content: request.input };
      const vectors = vectorsOf(await askInTurn('/embedding', body, signal));
      if (vectors === undefined) throw new AiError('unsupported', id, pooledEmbeddings(id));
      return { vectors, model: named ?? properties?.model ?? '' };
    },
    async countTokens(text, signal) {
      return { tokens: listMember(await ask('/tokenize', { content: text }, signal), 'tokens').length, exact: true };
    },
    listModels: async (signal) => modelsOf(await ask('/v1/models', undefined, signal)),
    async lookForModel(signal) {
      properties = propertiesOf(await ask('/props', undefined, signal));
      return undefined;
    },
    async initialize() {
      // What goes wrong is in the health; most machines have no such server, and that is nothing to warn of.
      const said = await ask('/props', undefined, lifetime.signal).catch(() => undefined);
      if (said !== undefined) properties = propertiesOf(said);
    },
    async dispose() {
      lifetime.abort();
      warmer.dispose();
    },
  });
}
