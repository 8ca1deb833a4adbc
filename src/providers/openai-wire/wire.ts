/**
 * Sends requests of OpenAI's wire: by the vendor's SDK, but raw completions directly, because there milliseconds are
 * felt. Both give the same open answer and the same errors, and leave out what the model refused before.
 */
import type { AiError } from '../../domain/ai-error.ts';
import type { EmbedRequest, ModelInfo } from '../../domain/ai-provider.ts';
import { followSignal } from '../../util/follow-signal.ts';
import { createHealthTracker, type HealthTracker } from '../http/health.ts';
import { throwFailure } from '../http/http-failure.ts';
import { textMember } from '../http/json.ts';
import type { OpenAnswer } from '../http/open-answer.ts';
import { loadOnce, openResponse } from '../http/sdk-client.ts';
import { createRefusedParameters } from '../refused-parameters.ts';
import { createOpenAiClient } from './client.ts';
import type { ChatBody, WireBody } from './convert-request.ts';
import { type EmbeddingAnswer, embeddingAnswer, listedModels, saidContextWindow } from './convert-response.ts';
import type { Embeddings, RawEndpoint, TokenCountEndpoint } from './dialect.ts';
import { mapThrown } from './map-error.ts';
import { type ReadContext, readWireAnswer, readWireStream, type WireChunk } from './read-stream.ts';
import { type OpenAiDependencies, type WireOptions, wireHeaders } from './wire-options.ts';

/** How many parameters one call may lose before its error is believed. */
const mostRefusals = 3;
const refusable = {
  droppable: [
    'stop',
    'temperature',
    'reasoning_effort',
    'thinking',
    'chat_template_kwargs',
    'stream_options',
    'store',
    'max_tokens',
    'max_completion_tokens',
  ],
  otherName: { max_tokens: 'max_completion_tokens', max_completion_tokens: 'max_tokens' },
};

export interface OpenAiWire {
  readonly health: HealthTracker;
  streamChat(body: ChatBody, signal: AbortSignal): AsyncIterable<WireChunk>;
  chat(body: ChatBody, signal: AbortSignal): Promise<WireChunk>;
  streamRaw(endpoint: RawEndpoint, body: WireBody, signal: AbortSignal): AsyncIterable<WireChunk>;
  embed(
    embeddings: Embeddings,
    request: EmbedRequest & { readonly model: string },
    signal: AbortSignal,
  ): Promise<EmbeddingAnswer>;
  /** As the server counts them, with what its chat format adds; `undefined` where it does not say. */
  countTokens(endpoint: TokenCountEndpoint, text: string, signal: AbortSignal): Promise<number | undefined>;
  /** What the list says of models is known from then on. */
  listModels(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Asks for what the server knows of the entry's model. */
  learnModel(signal: AbortSignal): Promise<void>;
  /** Opens a connection, and loads the SDK where completions need it, so that the first call finds both. */
  warmUp(): Promise<void>;
}

/** An open answer before anybody may close it. */
type Answered = Omit<OpenAnswer, 'close'>;
type Send<Body> = (body: Body, signal: AbortSignal) => Promise<Answered>;

export function createOpenAiWire(options: WireOptions, dependencies: OpenAiDependencies): OpenAiWire {
  const { transport, clock, log } = dependencies;
  const provider = options.entry.id;
  const health = createHealthTracker(clock);
  const headers = () => wireHeaders(options, dependencies.apiKey);
  const refused = createRefusedParameters(refusable, (parameter, model) =>
    log.warn('The model refuses a parameter; it is left out from now on.', { provider, model, parameter }),
  );
  const loadClient = loadOnce(() => createOpenAiClient({ provider, baseUrl: options.baseUrl, transport, headers }));

  const context = (model: string, signal: AbortSignal): ReadContext => ({
    options,
    model,
    signal,
    clock,
    wallClock: clock.wallClock(),
  });
  const failed = (thrown: unknown, model: string, signal: AbortSignal): AiError => {
    const error = mapThrown(thrown, signal, context(model, signal));
    health.failed(error);
    return error;
  };
  /** Runs a call whose every failure is one of ours; it can be closed without aborting the caller's signal. */
  const call = async <Answer>(
    model: string,
    signal: AbortSignal,
    run: (inner: AbortSignal, close: () => void) => Promise<Answer>,
  ): Promise<Answer> => {
    const own = followSignal(signal);
    try {
      signal.throwIfAborted();
      headers();
      return await run(own.signal, () => own.abort());
    } catch (error) {
      throw failed(error, model, signal);
    }
  };
  const open = <Body extends WireBody>(body: Body, signal: AbortSignal, send: Send<Body>): Promise<OpenAnswer> =>
    call(body.model, signal, async (inner, close) => {
      for (let refusals = 0; ; refusals++) {
        const accepted = refused.without(body);
        try {
          const answer = await send(accepted, inner);
          health.answered(answer.header);
          return { ...answer, close };
        } catch (error) {
          if (refusals >= mostRefusals || !refused.learn(error, accepted)) throw error;
        }
      }
    });
  const stream = async function* <Body extends WireBody>(body: Body, signal: AbortSignal, send: Send<Body>) {
    const answer = await open(body, signal, send);
    try {
      yield* readWireStream(answer, context(body.model, signal));
    } catch (error) {
      throw failed(error, body.model, signal);
    }
  };

  const sendChat: Send<ChatBody> = async (body, signal) => {
    const sdk = await loadClient();
    return openResponse(await sdk.chat.completions.create(body, { signal }).asResponse());
  };
  const sendRaw =
    ({ path }: RawEndpoint): Send<WireBody> =>
    async (body, signal) => {
      const url = `${options.baseUrl}${path}`;
      const request = { provider, method: 'POST', url, headers: headers(), signal } as const;
      return throwFailure(await transport.request({ ...request, body: JSON.stringify(body) }));
    };
  /** Any other endpoint, whose answer comes in one piece: the answer as JSON. */
  const ask = (model: string, signal: AbortSignal, path: string, body?: object): Promise<unknown> =>
    call(model, signal, async (inner) => {
      const sdk = await loadClient();
      const asked = body === undefined ? sdk.get(path, { signal: inner }) : sdk.post(path, { body, signal: inner });
      const { data, response } = await asked.withResponse();
      health.answered((name) => response.headers.get(name) ?? undefined);
      return data;
    });
  const learn = (listed: unknown): ModelInfo => {
    const id = textMember(listed, 'id') ?? '';
    const said = saidContextWindow(listed);
    const description = options.dialect.describe?.(listed);
    options.models.learn(id, { ...(said === undefined ? {} : { contextWindow: said }), ...description?.facts });
    const { contextWindow } = options.models.factsOf(id);
    return {
      id,
      ...(contextWindow === null ? {} : { contextWindow }),
      ...(description?.capabilities === undefined ? {} : { capabilities: description.capabilities }),
    };
  };

  return {
    health,
    streamChat: (body, signal) =>
      stream({ ...body, stream: true, ...streamOptions(options.dialect) }, signal, sendChat),
    async chat(body, signal) {
      const answer = await open(body, signal, sendChat);
      try {
        return await readWireAnswer(answer, context(body.model, signal));
      } catch (error) {
        throw failed(error, body.model, signal);
      }
    },
    streamRaw: (endpoint, body, signal) =>
      stream({ ...body, stream: true, ...streamOptions(endpoint) }, signal, sendRaw(endpoint)),
    async embed({ fields }, { model, input }, signal) {
      const answer = await ask(model, signal, '/embeddings', { model, input, ...fields });
      return embeddingAnswer(answer, { provider, model, wanted: input.length });
    },
    async countTokens({ path, body, read }, text, signal) {
      return read(await ask(options.model, signal, path, body(options.model, text)));
    },
    listModels: async (signal) => listedModels(await ask(options.model, signal, '/models')).map(learn),
    async learnModel(signal) {
      learn(await ask(options.model, signal, `/models/${encodeURIComponent(options.model)}`));
    },
    async warmUp() {
      await Promise.all([transport.preconnect(options.baseUrl), options.fim === 'none' ? loadClient() : undefined]);
    },
  };
}

function streamOptions({ streamOptions: stream_options }: Pick<RawEndpoint, 'streamOptions'>): object {
  return stream_options === undefined ? {} : { stream_options };
}
